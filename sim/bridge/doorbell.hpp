// Wakes a thread of this process that waits for rings, from another thread of this process.
#pragma once

#include <atomic>

#include "wait.hpp"

namespace lhw::bridge {

class Doorbell final : public Waitable {
 public:
  Doorbell() = default;
  Doorbell(const Doorbell&) = delete;
  Doorbell& operator=(const Doorbell&) = delete;

  // Any thread. Stays rung until clear().
  void ring() noexcept {
    rung_.store(true, std::memory_order_seq_cst);
    ring_bell(bell_);
  }
  // The waiting thread; returns whether it was rung. What the ringing thread wrote before is visible.
  bool clear() noexcept { return rung_.exchange(false, std::memory_order_seq_cst); }

  bool ready() const noexcept override { return rung_.load(std::memory_order_seq_cst); }
  Bell& bell() const noexcept override { return bell_; }
  void check_alive() override {}

 private:
  mutable Bell bell_{};
  std::atomic<bool> rung_{false};
};

}  // namespace lhw::bridge
