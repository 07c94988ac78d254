// What the RTL reported by $error, $stop, $fatal or $finish, and which signals came.
#pragma once

#include <string>

namespace lhw::sim {

// True once the RTL asked to stop; cheap, for the loop that clocks.
bool stop_requested() noexcept;
// The place and text of it.
std::string stop_text();

// SIGTERM sets a flag, SIGUSR1 another, SIGINT is ignored: Ctrl-C reaches the whole process group, and it is
// the host who decides what it means.
void install_signals();
bool terminate_requested() noexcept;
// True once for each SIGUSR1.
bool take_report_request() noexcept;

}  // namespace lhw::sim
