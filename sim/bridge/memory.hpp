// The memory of a ring: made by create_ring(), handed to other processes as a file descriptor.
//
// It is a memfd, which has no name and goes when the last process that holds it goes, so that nothing
// can be left behind however a run ends. All pages are reserved when it is made (a machine that is out
// of memory is an error there and not a SIGBUS later) and its size is sealed (nobody can take them away).
#pragma once

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <memory>
#include <new>
#include <string>
#include <string_view>

#include "errors.hpp"
#include "layout.hpp"

namespace lhw::bridge {

class Memory {
 public:
  // Maps the ring behind `fd` and checks that it is one that this program understands. The descriptor
  // stays the caller's and may be closed afterwards.
  static std::shared_ptr<Memory> map(int fd);
  Memory(const Memory&) = delete;
  Memory& operator=(const Memory&) = delete;
  ~Memory() { ::munmap(base_, bytes_); }

  RingHeader& header() const noexcept { return *static_cast<RingHeader*>(base_); }
  std::uint64_t* slots() const noexcept {
    return reinterpret_cast<std::uint64_t*>(static_cast<char*>(base_) + kHeaderBytes);
  }

 private:
  Memory(void* base, std::size_t bytes) : base_(base), bytes_(bytes) {}
  void* base_;
  std::size_t bytes_;
};

namespace detail {

inline std::string system_text(int error) {
  return std::string(std::strerror(error));
}

inline void copy_text(char* target, std::size_t size, std::string_view text) noexcept {
  const std::size_t length = text.size() < size - 1 ? text.size() : size - 1;
  std::memcpy(target, text.data(), length);
  std::memset(target + length, 0, size - length);
}

inline std::string read_text(const char* source, std::size_t size) {
  return std::string(source, ::strnlen(source, size));
}

// Free memory in bytes, 0 where it cannot be learned.
inline std::uint64_t memory_available() noexcept {
  std::FILE* file = std::fopen("/proc/meminfo", "re");
  if (file == nullptr) return 0;
  char line[128];
  unsigned long long kibibytes = 0;
  while (std::fgets(line, sizeof line, file) != nullptr) {
    if (std::sscanf(line, "MemAvailable: %llu kB", &kibibytes) == 1) break;
  }
  std::fclose(file);
  return kibibytes * 1024u;
}

// Reserves every page of `fd`. Asking for more than there is would wake the kernel's out-of-memory
// killer before it fails, so that is refused first.
inline void reserve(int fd, std::uint64_t bytes, const std::string& name) {
  const std::uint64_t available = memory_available();
  if (available != 0 && bytes > available) {
    throw RingMemoryError("ring '" + name + "' needs " + std::to_string(bytes) + " bytes of memory and " +
                          std::to_string(available) + " are available; use a smaller capacity");
  }
  int error = 0;
  do {
    error = ::posix_fallocate(fd, 0, static_cast<off_t>(bytes));
  } while (error == EINTR);
  if (error != 0) {
    throw RingMemoryError("the " + std::to_string(bytes) + " bytes of ring '" + name +
                          "' could not be reserved: " + system_text(error) +
                          "; use a smaller capacity or free memory");
  }
}

// Writes a fresh header into the reserved memory `fd`.
inline void format(int fd, std::uint64_t bytes, std::uint64_t capacity, const std::string& name,
                   const std::string& producer, const std::string& consumer) {
  void* base = ::mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
  if (base == MAP_FAILED) {
    throw RingMemoryError("ring '" + name + "' could not be mapped: " + system_text(errno));
  }
  RingHeader* header = new (base) RingHeader{};
  header->abi_version = kAbiVersion;
  header->layout_hash = layout_hash();
  header->slot_bytes = kSlotBytes;
  header->header_bytes = kHeaderBytes;
  header->capacity = capacity;
  header->mapped_bytes = bytes;
  copy_text(header->name, kNameBytes, name);
  copy_text(header->end_name[0], kNameBytes, producer);
  copy_text(header->end_name[1], kNameBytes, consumer);
  // Last, so that a header without its magic word is one that was never finished.
  std::memcpy(header->magic, kMagic, sizeof kMagic);
  ::munmap(base, bytes);
}

}  // namespace detail

// Makes a ring of `capacity` slots (a power of two) and returns its descriptor, which the caller closes.
// It is close-on-exec: name it in pass_fds (or clear the flag) to hand it to a child. The names appear in
// the error messages of either end.
inline int create_ring(std::uint64_t capacity, const std::string& name, const std::string& producer,
                       const std::string& consumer) {
  constexpr std::uint64_t limit = std::uint64_t{1} << 40;
  if (capacity < 2 || capacity > limit || (capacity & (capacity - 1)) != 0) {
    throw BridgeError("capacity of ring '" + name + "' must be a power of two from 2 to 2^40 slots, it is " +
                      std::to_string(capacity));
  }
  const std::uint64_t bytes = kHeaderBytes + capacity * kSlotBytes;
  const int fd = ::memfd_create(("lava_hw:" + name.substr(0, 48)).c_str(), MFD_CLOEXEC | MFD_ALLOW_SEALING);
  if (fd < 0) {
    throw RingMemoryError("memfd_create for ring '" + name + "' failed: " + detail::system_text(errno));
  }
  try {
    detail::reserve(fd, bytes, name);
    detail::format(fd, bytes, capacity, name, producer, consumer);
    if (::fcntl(fd, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL) != 0) {
      throw RingMemoryError("ring '" + name + "' could not be sealed: " + detail::system_text(errno));
    }
  } catch (...) {
    ::close(fd);
    throw;
  }
  return fd;
}

inline std::shared_ptr<Memory> Memory::map(int fd) {
  const std::string where = "descriptor " + std::to_string(fd);
  struct stat info{};
  if (::fstat(fd, &info) != 0) throw LayoutError(where + " is not open: " + detail::system_text(errno));
  const auto size = static_cast<std::uint64_t>(info.st_size);
  if (!S_ISREG(info.st_mode) || size < kHeaderBytes) {
    throw LayoutError(where + " is no ring: a ring is a memory file of at least " +
                      std::to_string(kHeaderBytes) + " bytes");
  }
  void* base = ::mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
  if (base == MAP_FAILED) {
    throw RingMemoryError(where + " could not be mapped: " + detail::system_text(errno));
  }
  std::shared_ptr<Memory> memory(new Memory(base, size));
  const RingHeader& header = memory->header();
  if (std::memcmp(header.magic, kMagic, sizeof kMagic) != 0) {
    throw LayoutError(where + " is no ring: it does not start with the magic word LHWRING");
  }
  const auto refuse = [&](const char* what, std::uint64_t found, std::uint64_t ours) {
    if (found == ours) return;
    throw LayoutError("ring '" + detail::read_text(header.name, kNameBytes) + "' has " + what + " " +
                      std::to_string(found) + ", this program has " + std::to_string(ours) +
                      "; both ends must come from the same version of lava_hw");
  };
  refuse("ABI version", header.abi_version, kAbiVersion);
  refuse("header layout", header.layout_hash, layout_hash());
  refuse("slot size", header.slot_bytes, kSlotBytes);
  refuse("header size", header.header_bytes, kHeaderBytes);
  const std::uint64_t capacity = header.capacity;
  if (capacity < 2 || (capacity & (capacity - 1)) != 0 || capacity > (size - kHeaderBytes) / kSlotBytes ||
      header.mapped_bytes != kHeaderBytes + capacity * kSlotBytes || header.mapped_bytes != size) {
    throw LayoutError("ring '" + detail::read_text(header.name, kNameBytes) + "' says it has " +
                      std::to_string(capacity) + " slots in " + std::to_string(header.mapped_bytes) +
                      " bytes, its memory has " + std::to_string(size) + " bytes");
  }
  return memory;
}

}  // namespace lhw::bridge
