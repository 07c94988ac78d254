#include "sim.hpp"

#include <algorithm>
#include <cinttypes>
#include <cstdio>

#include "failure.hpp"
#include "regs/lhw_regs.hpp"
#include "stops.hpp"

namespace lhw::sim {
namespace {

constexpr int kSettle = 4;            // cycles after which idle is true for what was taken last
constexpr std::size_t kBatch = 4096;  // flits whose places are given back to the host together
constexpr unsigned kLookEvery = 512;  // cycles between two looks at signals, the host and progress

constexpr std::uint64_t head(std::uint32_t kind, std::uint32_t code) {
  return (std::uint64_t{kind} << regs::token_to_chip::kind_lsb) |
         (std::uint64_t{code} << regs::token_to_chip::code_lsb);
}
// The configuration bit, the kind and the code.
constexpr std::uint64_t kHeadMask = (std::uint64_t{1} << regs::event_flit::cfg_lsb) |
                                    (regs::token_to_chip::kind_mask << regs::token_to_chip::kind_lsb) |
                                    (regs::token_to_chip::code_mask << regs::token_to_chip::code_lsb);
constexpr std::uint64_t kSync = head(regs::flit_type::TOKEN, regs::token_in::SYNC);
constexpr std::uint64_t kPaused = head(regs::flit_type::TOKEN, regs::token_out::PAUSED);

double since(std::chrono::steady_clock::time_point begin) {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
}

}  // namespace

Sim::Sim(const Options& options, Host& host)
    : options_(options),
      host_(host),
      model_(options),
      jitter_(options.jitter),
      begin_(std::chrono::steady_clock::now()) {}

void Sim::run() {
  begin_ = std::chrono::steady_clock::now();
  for (;;) {
    std::size_t count = 0;
    const std::uint64_t* flits = host_.peek(count);
    if (count == 0) {
      flush();
      look_around(0);
      model_.pause();
      if (!host_.wait()) break;
      continue;
    }
    count = std::min(count, kBatch);
    std::size_t given = 0;
    try {
      while (given < count) give(flits[given++]);
    } catch (...) {
      host_.drop(given);  // a record has all that the chip was given, up to what made it fail
      throw;
    }
    host_.drop(count);
  }
  flush();
  write_statistics();
}

bool Sim::cycle(bool valid, std::uint64_t flit) {
  if (out_count_ == out_.size()) flush();  // the clock stands still while the host makes room
  if (jitter_.on()) model_.set_ready(jitter_.takes());
  const Model::Moved moved = model_.cycle(valid, flit);
  if (moved.out) {
    out_[out_count_++] = moved.flit;
    ++flits_out_;
    hash_ = (hash_ ^ moved.flit) * 1099511628211u;
    if ((moved.flit & kHeadMask) == kPaused && marks_.size() < options_.marks) {
      marks_.push_back({static_cast<std::uint32_t>(moved.flit), model_.cycles(), since(begin_)});
    }
  }
  return moved.in;
}

// Cycles at which there is nothing to do here, at most so many; with jitter there is in each.
unsigned Sim::rest(unsigned most, bool valid, std::uint64_t flit) {
  return jitter_.on() ? 0 : model_.rest(most, valid, flit);
}

void Sim::give(std::uint64_t flit) {
  feed(flit);
  if ((flit & kHeadMask) != kSync) return;
  ++syncs_;
  run_until_idle();
  flush();
}

void Sim::feed(std::uint64_t flit) {
  for (unsigned gap = jitter_.gap(); gap != 0; --gap) cycle(false, 0);
  for (;;) {
    for (unsigned i = rest(kLookEvery, true, flit); i < kLookEvery; i += rest(kLookEvery - i, true, flit)) {
      ++i;
      if (cycle(true, flit)) {
        ++flits_in_;
        // Every cycle may have been one flit: look as often as when the chip makes us wait.
        if (flits_in_ % kLookEvery == 0) look_around(flit);
        return;
      }
    }
    look_around(flit);
  }
}

void Sim::run_until_idle() {
  for (int i = 0; i < kSettle; ++i) cycle(false, 0);
  for (;;) {
    for (unsigned i = rest(kLookEvery, false, 0); i < kLookEvery; i += rest(kLookEvery - i, false, 0)) {
      if (model_.idle()) return;
      ++i;
      cycle(false, 0);
    }
    look_around(0);
  }
}

void Sim::check_stop() const {
  if (stop_requested()) throw Failure(Exit::stopped, "the RTL stopped: " + stop_text());
}

void Sim::flush() {
  check_stop();  // nothing that came after a failed assertion is passed on
  if (out_count_ == 0) return;
  host_.put(out_.data(), out_count_);
  out_count_ = 0;
}

void Sim::look_around(std::uint64_t offered) {
  check_stop();
  host_.check();
  if (take_report_request()) write_statistics();
  const std::uint64_t flits = flits_in_ + flits_out_;
  const std::uint32_t step = model_.step();
  if (flits != progress_flits_ || step != progress_step_) {
    progress_flits_ = flits;
    progress_step_ = step;
    progress_cycle_ = model_.cycles();
  } else if (model_.cycles() - progress_cycle_ > options_.watchdog) {
    char text[320];
    std::snprintf(text, sizeof text,
                  "%s made no progress for %" PRIu64 " cycles in step %" PRIu32
                  ": it is not idle, takes no flit and sends none (flits in %" PRIu64 ", out %" PRIu64
                  "; at its input: 0x%016" PRIx64
                  "). Either the RTL hangs, or a SYNC was sent before what the chip waits for",
                  top::kName, options_.watchdog, step, flits_in_, flits_out_, offered);
    throw Failure(Exit::watchdog, text);
  }
}

std::string Sim::statistics() const {
  char text[512];
  const double seconds = since(begin_);
  std::snprintf(text, sizeof text,
                "{\"top\": \"%s\", \"cycles\": %" PRIu64 ", \"flits_in\": %" PRIu64
                ", \"flits_out\": %" PRIu64 ", \"syncs\": %" PRIu64 ", \"hash\": \"%016" PRIx64
                "\", \"seconds\": %.9f, \"wait_seconds\": %.9f, \"marks\": [",
                top::kName, model_.cycles(), flits_in_, flits_out_, syncs_, hash_, seconds, host_.waited());
  std::string result = text;
  for (std::size_t i = 0; i < marks_.size(); ++i) {
    std::snprintf(text, sizeof text, "%s[%" PRIu32 ", %" PRIu64 ", %.9f]", i == 0 ? "" : ", ", marks_[i].step,
                  marks_[i].cycle, marks_[i].seconds);
    result += text;
  }
  return result + "]}\n";
}

void Sim::write_statistics() const {
  if (options_.stats.empty()) return;
  const std::string text = statistics();
  std::FILE* file = std::fopen(options_.stats.c_str(), "w");
  const bool written = file != nullptr && std::fwrite(text.data(), 1, text.size(), file) == text.size();
  if (file == nullptr || std::fclose(file) != 0 || !written) {
    throw Failure(Exit::file, "the statistics " + options_.stats + " cannot be written");
  }
}

}  // namespace lhw::sim
