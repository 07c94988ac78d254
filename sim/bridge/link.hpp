// A pair of rings, one each way, whose push cannot deadlock.
//
// Two ends that both push into full rings would wait for each other for ever. So an end that finds its
// outgoing ring full takes what has come in meanwhile into a side buffer without bound; pop reads the
// side buffer first, so the order is kept.
#pragma once

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <string>
#include <vector>

#include "ring.hpp"

namespace lhw::bridge {

class Link {
 public:
  Link(int out_fd, int in_fd) : Link(Memory::map(out_fd), Memory::map(in_fd)) {}
  Link(std::shared_ptr<Memory> out, std::shared_ptr<Memory> in) : out_(std::move(out)), in_(std::move(in)) {
    out_.share_interrupt(interrupted_);
    in_.share_interrupt(interrupted_);
  }
  Link(const Link&) = delete;
  Link& operator=(const Link&) = delete;

  // Pushes all `count` slots. While there is no room it takes in what arrives.
  void push(const std::uint64_t* data, std::size_t count, const Hook& hook = {}) {
    for (;;) {
      const std::size_t moved = out_.try_push(data, count);
      data += moved;
      count -= moved;
      if (count == 0) return;
      if (drain() != 0) continue;
      check_stop();
      Waitable* items[2] = {&out_, &in_};
      // An exhausted ring counts as ready, so waiting for it would be spinning.
      wait_any(items, in_.exhausted() ? 1 : 2, kNever, hook, out_.counters_for_waiting());
    }
  }
  void push(std::uint64_t slot, const Hook& hook = {}) { push(&slot, 1, hook); }

  // Pushes what there is room for; never waits and takes nothing in.
  std::size_t try_push(const std::uint64_t* data, std::size_t count) { return out_.try_push(data, count); }

  // Pops up to `most` slots without waiting. Throws if there are none and none will come.
  std::size_t try_pop(std::uint64_t* data, std::size_t most) {
    const std::size_t from_side = take_side(data, most);
    if (from_side == most) return most;
    if (from_side != 0) return from_side + in_.take(data + from_side, most - from_side);
    return in_.try_pop(data, most);
  }

  // Pops at least one and up to `most` slots, waiting for the first.
  std::size_t pop(std::uint64_t* data, std::size_t most, const Hook& hook = {}) {
    for (;;) {
      const std::size_t moved = try_pop(data, most);
      if (moved != 0 || most == 0) return moved;
      wait(kNever, hook);
    }
  }
  std::uint64_t pop(const Hook& hook = {}) {
    std::uint64_t slot = 0;
    pop(&slot, 1, hook);
    return slot;
  }

  // Slots that can be popped without waiting.
  std::uint64_t poll() { return side_fill() + in_.available(); }

  // Waits until pop would not; false when `deadline` passed first.
  bool wait(Clock::time_point deadline = kNever, const Hook& hook = {}) {
    if (side_fill() != 0) return true;
    Waitable* item = &in_;
    const bool ready = wait_any(&item, 1, deadline, hook, in_.counters_for_waiting()) == 0;
    check_stop();
    return ready;
  }

  // Throws Stopped or Interrupted if one of them was asked for.
  void check_stop() {
    out_.check_stop();
    in_.check_stop();
  }

  // Takes what is in the incoming ring into the side buffer; returns how many slots.
  std::size_t drain() {
    const std::size_t waiting = static_cast<std::size_t>(in_.available());
    if (waiting == 0) return 0;
    const std::size_t old = side_.size();
    side_.resize(old + waiting);
    const std::size_t taken = in_.take(side_.data() + old, waiting);
    side_peak_ = std::max(side_peak_, side_fill());
    return taken;
  }

  void close() noexcept {
    out_.close();
    in_.close();
  }
  void fail(int code, const std::string& text) noexcept {
    out_.fail(code, text);
    in_.fail(code, text);
  }
  void stop() noexcept {
    out_.stop();
    in_.stop();
  }
  bool stop_requested() const noexcept { return out_.stop_requested() || in_.stop_requested(); }
  void interrupt() noexcept {
    // Marked once, since it may be taken at any moment from here on.
    interrupted_.store(true, std::memory_order_seq_cst);
    out_.rouse();
    in_.rouse();
  }

  Producer& out() noexcept { return out_; }
  Consumer& in() noexcept { return in_; }
  // The most slots that the side buffer ever held.
  std::size_t side_peak() const noexcept { return side_peak_; }
  std::size_t side_fill() const noexcept { return side_.size() - side_next_; }

 private:
  std::size_t take_side(std::uint64_t* data, std::size_t most) {
    const std::size_t moved = std::min(most, side_fill());
    std::copy_n(side_.data() + side_next_, moved, data);
    side_next_ += moved;
    if (side_next_ == side_.size()) {
      side_.clear();
      side_next_ = 0;
    }
    return moved;
  }

  std::atomic<bool> interrupted_{false};
  Producer out_;
  Consumer in_;
  std::vector<std::uint64_t> side_;
  std::size_t side_next_ = 0;
  std::size_t side_peak_ = 0;
};

}  // namespace lhw::bridge
