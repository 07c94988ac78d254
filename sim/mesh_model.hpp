// A mesh of tiles with its host part, evaluated tile by tile: the interface of Model in model.hpp, and the
// same cycles and answers.
//
// The chip is one Verilated class of a host part (LhwTop, with the pins that every top has) and one of a
// tile, of which there are as many objects as tiles. All that joins them is a register where it is driven and
// goes to registers only. So a cycle is: copy what was driven at the last edge to where it is read, then one
// edge of each, in any order. A tile whose awake_o is 0 changes nothing at an edge unless a flit, GO or clear
// comes with it: it is left out, and costs nothing. So is the host part, unless a flit comes, from the host
// or the mesh, or a tile says something new of itself: that is most of a stage. Links of a tile whose
// routing_o was 0 twice are as they were.
//
// lhw_mesh.hpp is written by the build (lava_hw/device/mesh.py): the type of the tile, the size of the mesh.
// The pins below are those of rtl/chip/lhw_tile.sv and lhw_host.sv; lhw_chip.sv joins them in the same way.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <string>
#include <type_traits>
#include <vector>

#include "failure.hpp"
#include "lhw_mesh.hpp"
#include "lhw_top.hpp"
#include "options.hpp"
#include "verilated.h"

namespace lhw::sim {

class Model {
  using Tile = std::remove_pointer_t<decltype(mesh::Tile::rootp)>;
  using HostPart = std::remove_pointer_t<decltype(LhwTop::rootp)>;

 public:
  explicit Model(const Options& options)
      : two_evals_(options.two_evals || !top::kOneEval || !mesh::kOneEval),
        check_(options.check_sleep),
        context_(std::make_unique<VerilatedContext>()) {
    if (!options.trace.empty()) throw Failure(Exit::usage, "this simulator was built without tracing");
    context_->randReset(2);  // has an effect in builds whose undefined values are random
    context_->randSeed(options.seed);
    context_->fatalOnError(false);
    host_model_ = std::make_unique<LhwTop>(context_.get(), "host");
    host_ = host_model_->rootp;
    for (int t = 0; t < kTiles; ++t) {
      const std::string name = "tile_" + std::to_string(t % kX) + "_" + std::to_string(t / kX);
      models_.push_back(std::make_unique<mesh::Tile>(context_.get(), name.c_str()));
      tiles_[t] = models_.back()->rootp;
    }
    reset();
  }
  ~Model() {
    for (auto& model : models_) model->final();
    host_model_->final();
  }
  Model(const Model&) = delete;
  Model& operator=(const Model&) = delete;

  struct Moved {
    bool in;
    bool out;
    std::uint64_t flit;
  };

  void set_ready(bool ready) {
    ready_ = ready;
    top::set_out_ready(*host_model_, ready);
  }

  Moved cycle(bool valid, std::uint64_t flit) {
    top::set_in(*host_model_, valid, flit);
    const Moved moved{valid && top::in_ready(*host_model_), ready_ && top::out_valid(*host_model_),
                      top::out_data(*host_model_)};
    host_awake_ |= moved.in;
    if (__builtin_expect(check_, 0)) {
      exchange<true>();
      check_sleepers();
    } else {
      exchange<false>();
    }
    evaluate();
    context_->timeInc(1);
    return moved;
  }

  // Cycles in which nothing goes in or out, because the host part sleeps: as many as there are at once, at
  // most so many. Returns their number; 0 if there must be a call of cycle() first.
  unsigned rest(unsigned most, bool valid, std::uint64_t flit) {
    if (most == 0 || host_awake_ || check_ || (valid && top::in_ready(*host_model_))) return 0;
    top::set_in(*host_model_, valid, flit);
    unsigned count = 0;
    do {
      exchange<false>();
      evaluate();
      ++count;
    } while (!host_awake_ && count < most);
    context_->timeInc(count);
    return count;
  }

  bool idle() const { return top::idle(*host_model_); }
  std::uint32_t step() const { return top::step(*host_model_); }
  std::uint64_t cycles() const { return cycles_; }
  void pause() {}

 private:
  static constexpr int kX = mesh::kWidth, kY = mesh::kHeight, kTiles = kX * kY;
  static_assert(kTiles <= 64, "the tiles that are awake are bits of one word");
  static constexpr std::uint64_t kAll = ~std::uint64_t{0} >> (64 - kTiles);
  static constexpr int kResetCycles = 8;

  static constexpr std::uint64_t bit(int t) { return std::uint64_t{1} << t; }

  template <class F>
  static void for_each(std::uint64_t tiles, F&& f) {
    for (; tiles != 0; tiles &= tiles - 1) f(__builtin_ctzll(tiles));
  }

  // What was driven at the last edge goes to where it is read. Only tiles that had an edge drive anything
  // new, those that fall asleep with it included.
  template <bool kCheck>
  void exchange() {
    std::uint64_t woken = 0, changed = 0;
    const auto link = [&](int to, CData& ready, CData new_ready, CData& valid, CData new_valid, QData& flit,
                          QData new_flit) {
      if (kCheck && (ready != new_ready || valid != new_valid)) changed |= bit(to);
      ready = new_ready;
      valid = new_valid;
      if (new_valid) {
        flit = new_flit;
        woken |= bit(to);
      }
    };
    HostPart& h = *host_;
    for_each(routing_ | routed_, [&](int t) {
      const Tile& a = *tiles_[t];
      const int x = t % kX, y = t / kX;
      if (y > 0) {
        Tile& b = *tiles_[t - kX];
        link(t - kX, b.s_ready_i, a.n_ready_o, b.s_valid_i, a.n_valid_o, b.s_flit_i, a.n_flit_o);
      }
      if (x < kX - 1) {
        Tile& b = *tiles_[t + 1];
        link(t + 1, b.w_ready_i, a.e_ready_o, b.w_valid_i, a.e_valid_o, b.w_flit_i, a.e_flit_o);
      }
      if (y < kY - 1) {
        Tile& b = *tiles_[t + kX];
        link(t + kX, b.n_ready_i, a.s_ready_o, b.n_valid_i, a.s_valid_o, b.n_flit_i, a.s_flit_o);
      }
      if (x > 0) {
        Tile& b = *tiles_[t - 1];
        link(t - 1, b.e_ready_i, a.w_ready_o, b.e_valid_i, a.w_valid_o, b.e_flit_i, a.w_flit_o);
      } else if (y == 0) {
        if (kCheck) host_suspect_ |= h.mesh_ready_i != a.w_ready_o;
        h.mesh_ready_i = a.w_ready_o;
        h.mesh_valid_i = a.w_valid_o;
        h.mesh_flit_i = a.w_flit_o;
        host_awake_ |= a.w_valid_o != 0;
      }
    });
    routed_ = routing_;
    if (host_moved_) {
      Tile& first = *tiles_[0];
      link(0, first.w_ready_i, h.mesh_ready_o, first.w_valid_i, h.mesh_valid_o, first.w_flit_i,
           h.mesh_flit_o);
      // The step and the stage change with GO, and in the cycle after clear.
      const bool pulse = (h.go_o | h.clear_o) != 0;
      if (__builtin_expect(pulse || pulsed_, 0)) {
        for (Tile* tile : tiles_) {
          tile->go_i = h.go_o;
          tile->clear_i = h.clear_o;
          tile->stage_i = h.stage_o;
          tile->step_i = h.step_o;
        }
        pulsed_ = pulse;
        if (pulse) woken = kAll;
        changed = kAll;
      }
    }
    if (kCheck) suspects_ = changed | moved_;
    awake_ |= woken;
  }

  void evaluate() {
    host_moved_ = host_awake_;
    if (host_awake_) {
      put_cycles();
      clock_host();
      host_awake_ = host_->awake_o;
    }
    ++cycles_;
    std::uint64_t awake = 0, busy = busy_, routing = 0;
    for_each(awake_, [&](int t) {
      clock_tile(t);
      const Tile& a = *tiles_[t];
      awake |= std::uint64_t{a.awake_o} << t;
      busy = (busy & ~bit(t)) | std::uint64_t{a.busy_o} << t;
      routing |= std::uint64_t{a.routing_o} << t;
      if (__builtin_expect(a.faults_o != faults_[t], 0)) {
        faults_[t] = a.faults_o;
        put_faults(host_->tile_faults_i, t, a.faults_o);
        host_awake_ = true;
      }
    });
    if (busy != busy_) {
      busy_ = busy;
      host_->tile_busy_i = static_cast<decltype(host_->tile_busy_i)>(busy);
      host_awake_ = true;
    }
    moved_ = awake_;
    awake_ = awake;
    routing_ = routing;
  }

  // What lhw_cycles.sv does. It is looked at by the host part alone, so the cycles in which that slept are
  // counted when it wakes.
  void put_cycles() {
    if (host_->counts_o) stage_cycles_ += cycles_ - counted_;
    host_->cycles_i = stage_cycles_;
    stage_cycles_ = host_->clear_o ? 0 : stage_cycles_ + host_->counts_o;
    counted_ = cycles_ + 1;
  }

  void clock_host() {
    if (__builtin_expect(two_evals_, 0)) {
      top::set_clock(*host_model_, false);
      host_model_->eval();
      top::set_clock(*host_model_, true);
      host_model_->eval();
    } else {
      top::edge(*host_model_);
    }
  }

  void clock_tile(int t) {
    if (__builtin_expect(two_evals_, 0)) {
      mesh::set_clock(*models_[t], false);
      models_[t]->eval();
      mesh::set_clock(*models_[t], true);
      models_[t]->eval();
    } else {
      mesh::edge(*models_[t]);
    }
  }

  // Four bits for each tile, in a word of the host part that may be of any width.
  template <class Word>
  static std::enable_if_t<std::is_integral_v<Word>> put_faults(Word& word, int t, unsigned faults) {
    const std::uint64_t others = word & ~(std::uint64_t{15} << (4 * t));
    word = static_cast<Word>(others | std::uint64_t{faults} << (4 * t));
  }
  template <std::size_t kWords>
  static void put_faults(VlWide<kWords>& word, int t, unsigned faults) {
    word[t / 8] = (word[t / 8] & ~(15u << (t % 8 * 4))) | faults << (t % 8 * 4);
  }

  // --check-sleep: an edge of a part that sleeps must leave every byte of it as it is. What an edge does
  // follows from state and inputs, so it is tried when a part falls asleep and when one of its inputs has
  // changed.
  void check_sleepers() {
    for_each(suspects_ & ~awake_, [&](int t) {
      check_sleeper(
          *tiles_[t], [&] { return "tile (" + std::to_string(t % kX) + ", " + std::to_string(t / kX) + ")"; },
          [&] { clock_tile(t); });
    });
    const bool valid = host_->s_axis_tvalid != 0;
    if (!host_awake_ && (host_suspect_ || host_moved_ || valid != offered_)) {
      check_sleeper(*host_, [] { return std::string("the host part"); }, [&] { clock_host(); });
    }
    host_suspect_ = false;
    offered_ = valid;
  }

  template <class Part, class Name, class Clock>
  void check_sleeper(const Part& part, Name&& name, Clock&& clock) {
    before_.resize(sizeof(Part));
    std::memcpy(before_.data(), &part, sizeof(Part));
    clock();
    const char* after = reinterpret_cast<const char*>(&part);
    if (std::memcmp(before_.data(), after, sizeof(Part)) == 0) return;
    std::size_t at = 0;
    while (before_[at] == after[at]) ++at;
    throw Failure(Exit::stopped, name() + " slept in cycle " + std::to_string(cycles_) +
                                     ", and an edge changed byte " + std::to_string(at) +
                                     " of it: its awake_o is 0 too early");
  }

  void reset() {
    top::zero_inputs(*host_model_);
    set_ready(true);
    top::set_reset(*host_model_, true);
    top::set_clock(*host_model_, false);
    host_model_->eval();
    for (int t = 0; t < kTiles; ++t) {
      mesh::zero_inputs(*models_[t]);  // which holds it in reset
      tiles_[t]->x_i = t % kX;
      tiles_[t]->y_i = t / kX;
      models_[t]->eval();
    }
    for (int i = 0; i < kResetCycles; ++i) {
      awake_ = routed_ = kAll;
      host_awake_ = true;
      cycle(false, 0);
    }
    top::set_reset(*host_model_, false);
    for (Tile* tile : tiles_) tile->rst_ni = 1;
    awake_ = routed_ = kAll;
    host_awake_ = true;
    cycles_ = counted_ = 0;
  }

  bool two_evals_, check_, ready_ = true, pulsed_ = false;
  HostPart* host_ = nullptr;
  std::array<Tile*, kTiles> tiles_{};
  std::uint64_t awake_ = kAll;  // tiles that have an edge in this cycle
  std::uint64_t moved_ = 0;     // tiles that had one in the cycle before
  std::uint64_t busy_ = 0, suspects_ = 0;
  std::uint64_t routing_ = 0,
                routed_ = kAll;  // tiles whose links may have changed, at the last edge and before
  bool host_awake_ = true, host_moved_ = true;  // the same of the host part
  bool host_suspect_ = false, offered_ = false;
  std::array<CData, kTiles> faults_{};
  std::uint64_t cycles_ = 0;
  std::uint64_t stage_cycles_ = 0, counted_ = 0;  // those of a stage, and up to where
  std::vector<char> before_;
  std::unique_ptr<VerilatedContext> context_;
  std::unique_ptr<LhwTop> host_model_;
  std::vector<std::unique_ptr<mesh::Tile>> models_;
};

}  // namespace lhw::sim
