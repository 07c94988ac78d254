// A waveform of a window of steps, in builds with tracing; nothing at all in the others.
#pragma once

#include <cstdint>
#include <memory>

#include "failure.hpp"
#include "lhw_top.hpp"
#include "options.hpp"
#include "verilated.h"
#if VM_TRACE
#include "verilated_vcd_c.h"
#endif

namespace lhw::sim {

#if VM_TRACE

class Trace {
 public:
  Trace(VerilatedContext& context, LhwTop& top, const Options& options)
      : context_(context), from_(options.trace_from), to_(options.trace_to) {
    context.traceEverOn(true);
    if (options.trace.empty()) return;
    file_ = std::make_unique<VerilatedVcdC>();
    top.trace(file_.get(), kDepth);
    file_->open(options.trace.c_str());
    if (!file_->isOpen()) throw Failure(Exit::file, "the waveform " + options.trace + " cannot be written");
  }
  ~Trace() {
    if (file_) file_->close();
  }

  void after_eval(std::uint32_t step) {
    if (file_ && step >= from_ && step <= to_) file_->dump(context_.time());
  }
  void flush() {
    if (file_) file_->flush();
  }

 private:
  static constexpr int kDepth = 99;  // levels of the hierarchy: all
  VerilatedContext& context_;
  std::uint32_t from_, to_;
  std::unique_ptr<VerilatedVcdC> file_;
};

#else

class Trace {
 public:
  Trace(VerilatedContext&, LhwTop&, const Options& options) {
    if (!options.trace.empty()) throw Failure(Exit::usage, "this simulator was built without tracing");
  }
  void after_eval(std::uint32_t) {}
  void flush() {}
};

#endif

}  // namespace lhw::sim
