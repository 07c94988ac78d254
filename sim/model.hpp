// The Verilated top with its clock: one call is one cycle of a 64-bit AXI4-Stream in and out.
//
// lhw_top.hpp is written by the build for the top at hand (lava_hw/device/top.py): the type LhwTop and the
// functions of namespace lhw::top, which name its pins.
//
// One edge a cycle: set the inputs, then top::edge, which evaluates once with the clock high and tells the
// model that the clock was low before, instead of a second evaluation; or calls what such an evaluation
// calls. That is right while every process is clocked by the rising edge of this one clock and outputs depend
// on registers alone (kOneEval says so); --two-evals does it the long way.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "failure.hpp"
#include "lhw_top.hpp"
#include "options.hpp"
#include "trace.hpp"
#include "verilated.h"

namespace lhw::sim {

class Model {
 public:
  explicit Model(const Options& options)
      : two_evals_(options.two_evals || !top::kOneEval || !options.trace.empty()),
        context_(std::make_unique<VerilatedContext>()) {
    if (options.check_sleep) {
      throw Failure(Exit::usage,
                    "--check-sleep: this simulator evaluates its top as a whole; no part sleeps");
    }
    context_->randReset(2);  // has an effect in builds whose undefined values are random
    context_->randSeed(options.seed);
    context_->fatalOnError(false);
    top_ = std::make_unique<LhwTop>(context_.get(), "top");
    trace_ = std::make_unique<Trace>(*context_, *top_, options);
    reset();
  }
  ~Model() { top_->final(); }
  Model(const Model&) = delete;
  Model& operator=(const Model&) = delete;

  // What one cycle moved.
  struct Moved {
    bool in;   // the flit that was offered was taken
    bool out;  // a flit came out
    std::uint64_t flit;
  };

  // Whether a flit that comes out is taken from now on; it is, unless somebody says otherwise.
  void set_ready(bool ready) {
    ready_ = ready;
    top::set_out_ready(*top_, ready);
  }

  // One cycle in which `flit` is offered if `valid`.
  Moved cycle(bool valid, std::uint64_t flit) {
    top::set_in(*top_, valid, flit);
    if (two_evals_) {
      top::set_clock(*top_, false);
      eval();
    }
    const Moved moved{valid && top::in_ready(*top_), ready_ && top::out_valid(*top_), top::out_data(*top_)};
    if (two_evals_) {
      top::set_clock(*top_, true);
      eval();
    } else {
      top::edge(*top_);
      context_->timeInc(1);
    }
    ++cycles_;
    return moved;
  }

  // Cycles in which nothing can go in or out: a top that is evaluated as a whole does not know of any.
  static unsigned rest(unsigned, bool, std::uint64_t) { return 0; }

  bool idle() const { return top::idle(*top_); }
  std::uint32_t step() const { return top::step(*top_); }
  std::uint64_t cycles() const { return cycles_; }

  // The clock stands still for a while: what was traced should be seen in the file.
  void pause() { trace_->flush(); }

 private:
  void reset() {
    top::zero_inputs(*top_);
    set_ready(true);
    top::set_reset(*top_, false);  // so that a top with an asynchronous reset sees its edge
    top::set_clock(*top_, false);
    eval();
    top::set_reset(*top_, true);
    for (int i = 0; i < kResetCycles; ++i) cycle(false, 0);
    top::set_reset(*top_, false);
    cycles_ = 0;
  }

  void eval() {
    top_->eval();
    trace_->after_eval(top::step(*top_));
    context_->timeInc(1);
  }

  static constexpr int kResetCycles = 8;

  bool two_evals_;
  bool ready_ = true;
  std::unique_ptr<VerilatedContext> context_;
  std::unique_ptr<LhwTop> top_;
  std::unique_ptr<Trace> trace_;
  std::uint64_t cycles_ = 0;
};

}  // namespace lhw::sim
