// The command line of the simulator and its exit codes.
#pragma once

#include <cstdint>
#include <string>

namespace lhw::sim {

// What the process returns. The host's messages and docs/cli.md name them.
enum class Exit : int {
  done = 0,        // the host closed the link, or the bare run is complete
  internal = 1,    // anything that is not named below
  usage = 2,       // wrong arguments
  host_gone = 3,   // the host died
  watchdog = 4,    // the chip made no progress
  stopped = 5,     // an assertion failed, or $stop or $fatal was reached
  file = 6,        // a file cannot be read or written
  terminated = 7,  // SIGTERM
};

struct Options {
  int in_fd = -1;   // ring from the host
  int out_fd = -1;  // ring to the host
  int parent = 0;   // pid of the host; 0: do not watch it
  bool two_evals = false;
  bool check_sleep = false;  // evaluate tiles that sleep, too, and look whether that changes them
  std::string bare;          // file of flits to run instead of a host
  std::string record;        // file for the flits that came in
  std::string stats;         // file for the statistics; bare runs write them to standard output as well
  std::string trace;         // VCD file
  std::uint32_t trace_from = 0;
  std::uint32_t trace_to = UINT32_MAX;
  std::uint64_t watchdog = 100'000'000;  // cycles without progress
  std::size_t marks = 0;                 // PAUSED tokens whose cycle and time are kept for the statistics
  int seed = 1;                          // for memories and registers that start undefined
  std::string output;                    // file for the flits that came out of a bare run
  std::uint32_t jitter = 0;              // seed of random times; 0: flits move as soon as they can
};

// Throws Failure(Exit::usage) with a text that says which argument is wrong.
Options parse_options(int argc, char** argv);

// The text of --help.
const char* usage();

}  // namespace lhw::sim
