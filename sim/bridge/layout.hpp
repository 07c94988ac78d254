// The header of a ring as it lies in shared memory: the contract between the processes.
//
// A ring is one memfd: this header (one page), then `capacity` slots of `slot_bytes`. Slot n of the
// stream lies at index n mod capacity. `head` counts all slots ever pushed, `tail` all ever popped; both
// only grow, so head - tail is the fill and a 64-bit count never wraps in practice.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>

#include "../regs/lhw_regs.hpp"

namespace lhw::bridge {

inline constexpr char kMagic[8] = {'L', 'H', 'W', 'R', 'I', 'N', 'G', '\0'};
inline constexpr std::uint32_t kAbiVersion = regs::RING_VERSION;
inline constexpr std::uint32_t kSlotBytes = 8;  // one flit
inline constexpr std::uint32_t kHeaderBytes = 4096;
inline constexpr std::size_t kLine = 64;
inline constexpr std::size_t kNameBytes = 64;
inline constexpr std::size_t kTextBytes = 512;

enum class Role : std::uint32_t { producer = 0, consumer = 1 };

// The life of an end. Only its owner moves it on, and it never goes back: a ring is used once.
enum class EndState : std::uint32_t { vacant = 0, attaching = 1, attached = 2, closed = 3, failed = 4 };

using Word32 = std::atomic<std::uint32_t>;
using Word64 = std::atomic<std::uint64_t>;
static_assert(Word32::is_always_lock_free && Word64::is_always_lock_free && sizeof(Word32) == 4 &&
                  sizeof(Word64) == 8,
              "atomics must be plain words to be shared between processes");

// Who holds an end. `start_time` (field 22 of /proc/<pid>/stat) tells a process from a later one that
// was given the same pid. The `expected_` pair is written by the parent, so that a child that dies
// before it attaches is noticed as well.
struct alignas(kLine) EndLine {
  Word32 state;
  Word32 pid;
  Word64 start_time;
  Word32 expected_pid;
  std::atomic<std::int32_t> fail_code;
  Word64 expected_start_time;
};

// Where one end sleeps: `sequence` is the futex word, `waiting` says that somebody may be asleep.
struct alignas(kLine) Bell {
  Word32 sequence;
  Word32 waiting;
};

struct RingHeader {
  char magic[8];
  std::uint32_t abi_version;
  std::uint32_t layout_hash;
  std::uint32_t slot_bytes;
  std::uint32_t header_bytes;
  std::uint64_t capacity;      // in slots, a power of two
  std::uint64_t mapped_bytes;  // header and slots
  alignas(kLine) char name[kNameBytes];
  EndLine end[2];  // by Role
  alignas(kLine) Word64 head;
  alignas(kLine) Word64 tail;
  Bell bell[2];  // by the Role that sleeps there
  alignas(kLine) Word32 stop;
  alignas(kLine) char end_name[2][kNameBytes];
  char fail_text[2][kTextBytes];
};

inline constexpr std::size_t kOffsets[] = {
    offsetof(RingHeader, magic),
    offsetof(RingHeader, abi_version),
    offsetof(RingHeader, layout_hash),
    offsetof(RingHeader, slot_bytes),
    offsetof(RingHeader, header_bytes),
    offsetof(RingHeader, capacity),
    offsetof(RingHeader, mapped_bytes),
    offsetof(RingHeader, name),
    offsetof(RingHeader, end),
    offsetof(EndLine, state),
    offsetof(EndLine, pid),
    offsetof(EndLine, start_time),
    offsetof(EndLine, expected_pid),
    offsetof(EndLine, fail_code),
    offsetof(EndLine, expected_start_time),
    offsetof(RingHeader, head),
    offsetof(RingHeader, tail),
    offsetof(RingHeader, bell),
    offsetof(Bell, sequence),
    offsetof(Bell, waiting),
    offsetof(RingHeader, stop),
    offsetof(RingHeader, end_name),
    offsetof(RingHeader, fail_text),
    sizeof(EndLine),
    sizeof(Bell),
    kNameBytes,
    kTextBytes,
    kHeaderBytes,
};

// The magic word starts with the one of the register description, little-endian.
static_assert(kMagic[0] == (regs::magic::RING & 0xff) && kMagic[1] == (regs::magic::RING >> 8 & 0xff) &&
              kMagic[2] == (regs::magic::RING >> 16 & 0xff) && kMagic[3] == (regs::magic::RING >> 24));
static_assert(offsetof(RingHeader, capacity) == 24 && offsetof(RingHeader, name) == 64);
static_assert(offsetof(RingHeader, end) == 128 && sizeof(EndLine) == 64);
static_assert(offsetof(RingHeader, head) == 256 && offsetof(RingHeader, tail) == 320);
static_assert(offsetof(RingHeader, bell) == 384 && offsetof(RingHeader, stop) == 512);
static_assert(offsetof(RingHeader, end_name) == 576 && offsetof(RingHeader, fail_text) == 704);
static_assert(sizeof(RingHeader) <= kHeaderBytes);

// FNV-1a over every offset: two programs whose headers differ anywhere refuse each other's rings.
constexpr std::uint32_t layout_hash() {
  std::uint32_t hash = 2166136261u;
  for (std::size_t offset : kOffsets) {
    for (unsigned shift = 0; shift < 16; shift += 8) {
      hash = (hash ^ static_cast<std::uint32_t>((offset >> shift) & 0xffu)) * 16777619u;
    }
  }
  return hash;
}

}  // namespace lhw::bridge
