// Random times for bare runs (--jitter): cycles without a flit before one is offered, and cycles in which
// none is taken. The manner changes now and then, so that one run has streams without a gap, single gaps, and
// long waits.
#pragma once

#include <cstdint>

namespace lhw::sim {

class Jitter {
 public:
  explicit Jitter(std::uint32_t seed) : state_(seed) {}

  bool on() const { return state_ != 0; }

  // Cycles to let pass before the next flit is offered.
  unsigned gap() {
    if (!on()) return 0;
    if (flits_left_-- == 0) {
      flits_left_ = draw(64);
      gap_in_8_ = kOdds[draw(4)];
      longest_gap_ = draw(3) == 0 ? 80 : 4;
    }
    return draw(8) < gap_in_8_ ? 1 + draw(longest_gap_) : 0;
  }

  // Whether a flit is taken in this cycle.
  bool takes() {
    if (cycles_left_-- == 0) {
      cycles_left_ = draw(128);
      stall_in_8_ = kOdds[draw(4)];
    }
    return draw(8) >= stall_in_8_;
  }

 private:
  static constexpr unsigned kOdds[4] = {0, 1, 4, 7};  // in eight

  // xorshift64: the same times on every machine.
  unsigned draw(unsigned below) {
    state_ ^= state_ << 13;
    state_ ^= state_ >> 7;
    state_ ^= state_ << 17;
    return static_cast<unsigned>((state_ >> 32) % below);
  }

  std::uint64_t state_;
  unsigned flits_left_ = 0, gap_in_8_ = 0, longest_gap_ = 4;
  unsigned cycles_left_ = 0, stall_in_8_ = 0;
};

}  // namespace lhw::sim
