// The harness: moves flits between a host and the pins of the model, and owns the clock.
//
// The clock runs only while a flit is offered, or after a SYNC until the chip is idle. So the cycles that the
// chip counts depend on the stream of flits alone, never on when the host sent them (docs/chip.md,
// section 2.8).
#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

#include "host.hpp"
#include "jitter.hpp"
#include "lhw_model.hpp"  // written by the build: model.hpp or mesh_model.hpp
#include "options.hpp"

namespace lhw::sim {

class Sim {
 public:
  Sim(const Options& options, Host& host);
  // Runs until the host closes the link (or the file ends). Throws Failure.
  void run();
  // Statistics as one JSON object.
  std::string statistics() const;

 private:
  void give(std::uint64_t flit);
  void feed(std::uint64_t flit);
  void run_until_idle();
  bool cycle(bool valid, std::uint64_t flit);
  unsigned rest(unsigned most, bool valid, std::uint64_t flit);
  void flush();
  void check_stop() const;
  void look_around(std::uint64_t offered);
  void write_statistics() const;

  struct Mark {
    std::uint32_t step;
    std::uint64_t cycle;
    double seconds;
  };

  const Options& options_;
  Host& host_;
  Model model_;
  Jitter jitter_;
  std::array<std::uint64_t, 4096> out_;
  std::size_t out_count_ = 0;
  std::uint64_t flits_in_ = 0, flits_out_ = 0, syncs_ = 0;
  std::uint64_t hash_ = 14695981039346656037u;  // FNV-1a over the flits that came out
  std::uint64_t progress_cycle_ = 0, progress_flits_ = 0;
  std::uint32_t progress_step_ = 0;
  std::chrono::steady_clock::time_point begin_;
  std::vector<Mark> marks_;
};

}  // namespace lhw::sim
