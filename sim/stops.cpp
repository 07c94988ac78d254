#include "stops.hpp"

#include <csignal>
#include <cstdio>

#include "verilated.h"

namespace lhw::sim {
namespace {

bool g_stop = false;
std::string g_text;                          // NOLINT: one model a process
volatile std::sig_atomic_t g_terminate = 0;  // set by handlers
volatile std::sig_atomic_t g_report = 0;

void note(const char* what, const char* file, int line, const char* hier, const char* text) {
  if (g_stop) return;
  g_stop = true;
  g_text = std::string(what) + " at " + (file ? file : "?") + ":" + std::to_string(line);
  if (hier && *hier) g_text += " in " + std::string(hier);
  if (text && *text) g_text += ": " + std::string(text);
}

}  // namespace

bool stop_requested() noexcept {
  return g_stop;
}
std::string stop_text() {
  return g_text;
}

void install_signals() {
  std::signal(SIGINT, SIG_IGN);
  std::signal(SIGPIPE, SIG_IGN);
  std::signal(SIGTERM, [](int) { g_terminate = 1; });
  std::signal(SIGUSR1, [](int) { g_report = 1; });
}
bool terminate_requested() noexcept {
  return g_terminate != 0;
}
bool take_report_request() noexcept {
  if (g_report == 0) return false;
  g_report = 0;
  return true;
}

}  // namespace lhw::sim

// Verilator's own versions abort the process; ours note the first one, and the loop that clocks ends the run.
void vl_finish(const char* file, int line, const char* hier) VL_MT_UNSAFE {
  lhw::sim::note("$finish", file, line, hier, nullptr);
}
void vl_stop(const char* file, int line, const char* hier) VL_MT_UNSAFE {
  lhw::sim::note("an assertion or $stop", file, line, hier, nullptr);
}
void vl_fatal(const char* file, int line, const char* hier, const char* text) VL_MT_UNSAFE {
  lhw::sim::note("$fatal", file, line, hier, text);
}
