// The Python module lava_hw.bridge._ring: the rings of this folder for numpy arrays of uint64.
//
// A call first tries to finish without waiting. Only if it must wait does it give up the interpreter's
// lock, and then it runs pending signal handlers between the slices of the wait, so that Ctrl-C works.
#include <nanobind/nanobind.h>
#include <nanobind/ndarray.h>
#include <nanobind/stl/optional.h>
#include <nanobind/stl/string.h>
#include <nanobind/stl/vector.h>

#include <algorithm>
#include <cmath>
#include <optional>
#include <string>
#include <vector>

#include "bridge/doorbell.hpp"
#include "bridge/link.hpp"

namespace nb = nanobind;
using namespace nb::literals;
using namespace lhw::bridge;

// Of steps.cpp.
void bind_steps(nb::module_& m);

namespace {

using Slots = nb::ndarray<const std::uint64_t, nb::ndim<1>, nb::c_contig, nb::device::cpu>;
using Buffer = nb::ndarray<std::uint64_t, nb::ndim<1>, nb::c_contig, nb::device::cpu>;
using Array = nb::ndarray<nb::numpy, std::uint64_t, nb::ndim<1>>;

constexpr std::size_t kMost = 65536;

void run_signal_handlers() {
  const nb::gil_scoped_acquire lock;
  if (PyErr_CheckSignals() != 0) throw nb::python_error();
}

Clock::time_point deadline_of(std::optional<double> timeout) {
  if (!timeout) return kNever;
  if (std::isnan(*timeout)) throw nb::value_error("timeout is not a number");
  // A year is as good as for ever and cannot overflow the clock.
  const double seconds = std::min(std::max(*timeout, 0.0), 3.2e7);
  return Clock::now() + std::chrono::duration_cast<Clock::duration>(std::chrono::duration<double>(seconds));
}

Role role_of(const std::string& role) {
  if (role == "producer") return Role::producer;
  if (role == "consumer") return Role::consumer;
  throw nb::value_error("role must be 'producer' or 'consumer'");
}

const char* state_text(EndState state) {
  switch (state) {
    case EndState::vacant:
    case EndState::attaching:
      return "vacant";
    case EndState::attached:
      return "attached";
    case EndState::closed:
      return "closed";
    case EndState::failed:
      return "failed";
  }
  return "unknown";
}

nb::dict peer_dict(Endpoint& end) {
  const PeerInfo info = end.peer();
  nb::dict result;
  result["name"] = info.name;
  result["pid"] = info.pid;
  result["state"] = state_text(info.state);
  result["alive"] = info.alive;
  return result;
}

nb::dict counters_dict(const Counters& counters) {
  nb::dict result;
  result["slots"] = counters.slots;
  result["calls"] = counters.calls;
  result["waits"] = counters.waits;
  result["yields"] = counters.yields;
  result["futex_waits"] = counters.futex_waits;
  result["futex_wakes"] = counters.futex_wakes;
  return result;
}

nb::dict describe(int fd) {
  const std::shared_ptr<Memory> memory = Memory::map(fd);
  const RingHeader& header = memory->header();
  nb::dict result;
  result["name"] = detail::read_text(header.name, kNameBytes);
  result["capacity"] = header.capacity;
  result["pushed"] = header.head.load();
  result["popped"] = header.tail.load();
  result["stop"] = header.stop.load() != 0;
  for (std::size_t i = 0; i < 2; ++i) {
    nb::dict end;
    end["name"] = detail::read_text(header.end_name[i], kNameBytes);
    end["state"] = state_text(static_cast<EndState>(header.end[i].state.load()));
    end["pid"] = header.end[i].pid.load();
    result[i == 0 ? "producer" : "consumer"] = end;
  }
  return result;
}

// An end as Python holds it. The interpreter's lock is given up while it waits, so another thread (or a
// signal handler) could come in between: that is refused, since an end belongs to one thread at a time.
template <class End>
class Held {
 public:
  template <class... Args>
  explicit Held(Args... args) : end_(args...) {}

  End& get() {
    if (busy_) {
      throw BridgeError(
          "this end of a ring is waiting in another thread (or below this signal handler); "
          "interrupt() ends that wait");
    }
    return end_;
  }
  // For what may be called during a wait.
  End& shared() noexcept { return end_; }

  template <class Function>
  auto waiting(Function function) {
    struct Mark {
      explicit Mark(bool& flag) : flag_(flag) { flag_ = true; }
      ~Mark() { flag_ = false; }
      bool& flag_;
    };
    End& end = get();
    const Mark mark(busy_);
    const nb::gil_scoped_release unlocked;
    return function(end);
  }

 private:
  End end_;
  bool busy_ = false;
};

using HeldProducer = Held<Producer>;
using HeldConsumer = Held<Consumer>;
using HeldLink = Held<Link>;

template <class H>
void push(H& held, const Slots& slots) {
  const std::size_t moved = held.get().try_push(slots.data(), slots.shape(0));
  if (moved == slots.shape(0)) return;
  held.waiting(
      [&](auto& end) { end.push(slots.data() + moved, slots.shape(0) - moved, run_signal_handlers); });
}

inline std::uint64_t ready_slots(Consumer& end) {
  return end.available();
}
inline std::uint64_t ready_slots(Link& end) {
  return end.poll();
}

template <class H>
Array pop_ready(H& held, std::size_t most) {
  auto& end = held.get();
  const std::size_t count = static_cast<std::size_t>(std::min<std::uint64_t>(ready_slots(end), most));
  std::uint64_t* data = new std::uint64_t[std::max<std::size_t>(count, 1)];
  const nb::capsule owner(data, [](void* p) noexcept { delete[] static_cast<std::uint64_t*>(p); });
  // Asked for one even if there is none, so that an ended peer is an error here.
  const std::size_t got = end.try_pop(data, most == 0 ? 0 : std::max<std::size_t>(count, 1));
  return Array(data, {got}, owner);
}

template <class H>
bool wait_for(H& held, std::optional<double> timeout) {
  const Clock::time_point deadline = deadline_of(timeout);
  return held.waiting([&](auto& end) { return end.wait(deadline, run_signal_handlers); });
}

template <class H>
Array pop(H& held, std::size_t most) {
  if (most == 0) throw nb::value_error("pop of 0 slots");
  while (ready_slots(held.get()) == 0) {
    Array array = pop_ready(held, most);
    if (array.size() != 0) return array;
    wait_for(held, std::nullopt);
  }
  return pop_ready(held, most);
}

template <class H>
std::size_t pop_into(H& held, const Buffer& buffer) {
  if (buffer.shape(0) == 0) throw nb::value_error("pop into an empty array");
  const std::size_t got = held.get().try_pop(buffer.data(), buffer.shape(0));
  if (got != 0) return got;
  return held.waiting(
      [&](auto& end) { return end.pop(buffer.data(), buffer.shape(0), run_signal_handlers); });
}

// wait_any() over whatever can be waited for.
int wait_any_of(const std::vector<nb::object>& objects, std::optional<double> timeout) {
  std::vector<Waitable*> items;
  std::vector<Link*> links(objects.size(), nullptr);
  std::vector<Endpoint*> ends(objects.size(), nullptr);
  for (std::size_t i = 0; i < objects.size(); ++i) {
    if (HeldLink* link = nullptr; nb::try_cast(objects[i], link)) {
      links[i] = &link->get();
      items.push_back(&links[i]->in());
    } else if (HeldConsumer* consumer = nullptr; nb::try_cast(objects[i], consumer)) {
      ends[i] = &consumer->get();
      items.push_back(ends[i]);
    } else if (HeldProducer* producer = nullptr; nb::try_cast(objects[i], producer)) {
      ends[i] = &producer->get();
      items.push_back(ends[i]);
    } else if (Doorbell* doorbell = nullptr; nb::try_cast(objects[i], doorbell)) {
      items.push_back(doorbell);
    } else {
      throw nb::type_error("wait_any takes Producer, Consumer, Link and Doorbell");
    }
  }
  for (std::size_t i = 0; i < links.size(); ++i) {
    if (links[i] != nullptr && links[i]->side_fill() != 0) return static_cast<int>(i);
  }
  if (items.empty()) throw nb::value_error("wait_any of nothing would never end");
  const Clock::time_point deadline = deadline_of(timeout);
  Counters counters;
  std::size_t found = 0;
  {
    const nb::gil_scoped_release unlocked;
    found = wait_any(items.data(), items.size(), deadline, run_signal_handlers, counters);
  }
  if (found == items.size()) return -1;
  if (links[found] != nullptr) links[found]->check_stop();
  if (ends[found] != nullptr) ends[found]->check_stop();
  return static_cast<int>(found);
}

// Raises the class of lava_hw.bridge.errors that belongs to a C++ exception.
template <class... Named>
void raise(const char* type, const char* message, Named... named) {
  const nb::object error_type = nb::module_::import_("lava_hw.bridge.errors").attr(type);
  const nb::object error = error_type(message, named...);
  PyErr_SetObject(error_type.ptr(), error.ptr());
}

void translate(const std::exception_ptr& pointer, void*) {
  try {
    std::rethrow_exception(pointer);
  } catch (const PeerDied& e) {
    raise("PeerDied", e.what(), "name"_a = e.name, "pid"_a = e.pid, "ring"_a = e.ring);
  } catch (const PeerFailed& e) {
    raise("PeerFailed", e.what(), "name"_a = e.name, "code"_a = e.code, "text"_a = e.text, "ring"_a = e.ring);
  } catch (const PeerClosed& e) {
    raise("PeerClosed", e.what(), "name"_a = e.name, "ring"_a = e.ring);
  } catch (const LayoutError& e) {
    raise("LayoutError", e.what());
  } catch (const RingMemoryError& e) {
    raise("RingMemoryError", e.what());
  } catch (const Stopped& e) {
    raise("Stopped", e.what());
  } catch (const Interrupted& e) {
    raise("Interrupted", e.what());
  } catch (const BridgeError& e) {
    raise("BridgeError", e.what());
  }
}

template <class H>
void bind_common(nb::class_<H>& type) {
  type.def("wait", &wait_for<H>, "timeout"_a = nb::none())
      .def("close", [](H& held) { held.get().close(); })
      .def(
          "fail", [](H& held, int code, const std::string& text) { held.get().fail(code, text); }, "code"_a,
          "text"_a)
      .def("stop", [](H& held) { held.shared().stop(); })
      .def("interrupt", [](H& held) { held.shared().interrupt(); })
      .def_prop_ro("stop_requested", [](H& held) { return held.shared().stop_requested(); })
      .def("__enter__", [](nb::object self) { return self; })
      .def("__exit__", [](H& held, nb::args) { held.get().close(); }, nb::arg("args").none());
}

template <class H>
void bind_push(nb::class_<H>& type) {
  type.def("push", &push<H>, "slots"_a.noconvert())
      .def(
          "try_push", [](H& held, const Slots& s) { return held.get().try_push(s.data(), s.shape(0)); },
          "slots"_a.noconvert());
}

template <class H>
void bind_pop(nb::class_<H>& type) {
  type.def("pop", &pop<H>, "most"_a = kMost)
      .def("pop_ready", &pop_ready<H>, "most"_a = kMost)
      .def("pop_into", &pop_into<H>, "buffer"_a.noconvert())
      .def("poll", [](H& held) { return ready_slots(held.get()); });
}

template <class H>
void bind_end(nb::class_<H>& type) {
  type.def(nb::init<int>(), "fd"_a)
      .def("peer", [](H& held) { return peer_dict(held.get()); })
      .def("counters", [](H& held) { return counters_dict(held.shared().counters()); })
      .def_prop_ro("name", [](H& held) { return held.shared().name(); })
      .def_prop_ro("capacity", [](H& held) { return held.shared().capacity(); });
}

}  // namespace

NB_MODULE(_ring, m) {
  m.doc() = "Rings in shared memory; see lava_hw.bridge.";
  nb::register_exception_translator(translate);
  bind_steps(m);
  m.attr("ABI_VERSION") = kAbiVersion;
  m.attr("LAYOUT_HASH") = layout_hash();
  m.attr("HEADER_BYTES") = kHeaderBytes;
  m.attr("SLOT_BYTES") = kSlotBytes;
  m.def("create_ring", &create_ring, "capacity"_a, "name"_a = "ring", "producer"_a = "producer",
        "consumer"_a = "consumer");
  m.def(
      "expect_peer", [](int fd, const std::string& role, int pid) { expect_peer(fd, role_of(role), pid); },
      "fd"_a, "role"_a, "pid"_a);
  m.def("describe", &describe, "fd"_a);
  m.def("wait_any", &wait_any_of, "items"_a, "timeout"_a = nb::none());

  nb::class_<HeldProducer> producer(m, "Producer");
  bind_end(producer);
  bind_common(producer);
  bind_push(producer);
  producer.def("room", [](HeldProducer& held) { return held.get().room(); });

  nb::class_<HeldConsumer> consumer(m, "Consumer");
  bind_end(consumer);
  bind_common(consumer);
  bind_pop(consumer);

  nb::class_<HeldLink> link(m, "Link");
  link.def(nb::init<int, int>(), "out_fd"_a, "in_fd"_a);
  bind_common(link);
  bind_push(link);
  bind_pop(link);
  link.def("drain", [](HeldLink& held) { return held.get().drain(); })
      .def("room", [](HeldLink& held) { return held.get().out().room(); })
      .def("peer", [](HeldLink& held) { return peer_dict(held.get().in()); })
      .def("counters",
           [](HeldLink& held) {
             nb::dict result;
             result["out"] = counters_dict(held.shared().out().counters());
             result["in"] = counters_dict(held.shared().in().counters());
             return result;
           })
      .def_prop_ro("side_peak", [](HeldLink& held) { return held.shared().side_peak(); });

  nb::class_<Doorbell>(m, "Doorbell")
      .def(nb::init<>())
      .def("ring", &Doorbell::ring)
      .def("clear", &Doorbell::clear);
}
