// The functions of steps.hpp for numpy arrays; see lava_hw/bridge/_ring.pyi.
//
// Arrays are taken by the buffer protocol, which costs a tenth of a microsecond each: with small networks a
// step of a model has one or two.
#include "bridge/steps.hpp"

#include <nanobind/nanobind.h>

#include <optional>
#include <string>

namespace nb = nanobind;
using namespace nb::literals;

namespace {

template <class T>
constexpr const char* kFormats = "";
template <>
constexpr const char* kFormats<std::int32_t> = "i";
template <>
constexpr const char* kFormats<std::uint8_t> = "?";

// A contiguous array.
template <class T>
class Array {
 public:
  Array(nb::handle object, const char* name, bool writable = false) {
    const int flags = PyBUF_C_CONTIGUOUS | PyBUF_FORMAT | (writable ? PyBUF_WRITABLE : 0);
    if (PyObject_GetBuffer(object.ptr(), &view_, flags) != 0) throw nb::python_error();
    const char* format = view_.format == nullptr ? "B" : view_.format;
    if (std::string(format) != kFormats<T>) {
      const std::string text =
          std::string(name) + " has elements of format '" + format + "', not '" + kFormats<T> + "'";
      PyBuffer_Release(&view_);
      throw nb::type_error(text.c_str());
    }
  }
  Array(const Array&) = delete;
  Array& operator=(const Array&) = delete;
  ~Array() { PyBuffer_Release(&view_); }

  T* data() const { return static_cast<T*>(view_.buf); }
  std::size_t size() const { return static_cast<std::size_t>(view_.len) / sizeof(T); }
  std::size_t rows() const { return view_.ndim > 0 ? static_cast<std::size_t>(view_.shape[0]) : 1; }

 private:
  Py_buffer view_{};
};

void check(bool good, const char* what) {
  if (!good) throw nb::value_error(what);
}

// Gives up the interpreter's lock for work that takes long enough (about a millisecond) for others to gain
// by it. To get the lock back can take as long as another thread computes.
class Unlocked {
 public:
  explicit Unlocked(std::size_t operations) {
    if (operations > (std::size_t{1} << 21)) released_.emplace();
  }

 private:
  std::optional<nb::gil_scoped_release> released_;
};

void lif_steps(nb::handle input, nb::handle u, nb::handle v, nb::handle bias, nb::handle spikes, int u_kept,
               int v_kept, int input_shift, std::int64_t threshold) {
  const Array<std::int32_t> in(input, "input");
  const Array<std::int32_t> current(u, "u", true);
  const Array<std::int32_t> voltage(v, "v", true);
  const Array<std::int32_t> offset(bias, "bias");
  const Array<std::uint8_t> out(spikes, "spikes", true);
  const std::size_t n = current.size();
  const std::size_t steps = in.rows();
  check(voltage.size() == n && offset.size() == n, "u, v and bias differ in size");
  check(in.size() == steps * n && out.size() == steps * n, "input and spikes must be [steps, neurons]");
  check(u_kept >= 0 && u_kept <= 4096 && v_kept >= 0 && v_kept <= 4096, "what is kept of 4096: 0 to 4096");
  check(input_shift >= 0 && input_shift <= 31, "input_shift: 0 to 31");
  // v is always within 24 bits.
  const std::int64_t limit = lhw::steps::kUvLimit;
  const auto bound = static_cast<std::int32_t>(std::min(std::max(threshold, -limit), limit));
  const Unlocked unlocked(in.size());
  lhw::steps::lif({u_kept / 4096.0, v_kept / 4096.0, input_shift, bound}, steps, n, in.data(), current.data(),
                  voltage.data(), offset.data(), out.data());
}

void dense_sums(nb::handle input, nb::handle weights, nb::handle sums, int exponent, bool graded) {
  const Array<std::int32_t> in(input, "input");
  const Array<std::int32_t> w(weights, "weights");
  const Array<std::int32_t> out(sums, "sums", true);
  const std::size_t steps = in.rows();
  const std::size_t inputs = w.rows();
  const std::size_t outputs = inputs == 0 ? 0 : w.size() / inputs;
  check(in.size() == steps * inputs, "input must be [steps, inputs], and weights [inputs, outputs]");
  check(out.size() == steps * outputs, "sums must be [steps, outputs]");
  check(exponent >= -31 && exponent <= 31, "exponent: -31 to 31");
  const lhw::steps::Active active(steps, inputs, in.data(), graded);
  const Unlocked unlocked(active.count() * outputs);
  lhw::steps::dense(active, graded, steps, outputs, w.data(), exponent, out.data());
}

void sparse_sums(nb::handle input, nb::handle first, nb::handle output, nb::handle place, nb::handle weights,
                 nb::handle sums, int exponent, bool graded) {
  const Array<std::int32_t> in(input, "input");
  const Array<std::int32_t> begin(first, "first");
  const Array<std::int32_t> row(output, "output");
  const Array<std::int32_t> entry(place, "place");
  const Array<std::int32_t> w(weights, "weights");
  const Array<std::int32_t> out(sums, "sums", true);
  const std::size_t steps = in.rows();
  const std::size_t inputs = begin.size() - 1;
  const std::size_t outputs = steps == 0 ? 0 : out.size() / steps;
  check(begin.size() > 0 && in.size() == steps * inputs, "input must be [steps, inputs], first [inputs + 1]");
  check(out.size() == steps * outputs, "sums must be [steps, outputs]");
  check(row.size() == entry.size() && row.size() == w.size(), "output, place and weights differ in size");
  check(exponent >= -31 && exponent <= 31, "exponent: -31 to 31");
  // What is checked for each call does not depend on the number of entries; the caller vouches for those.
  check(begin.data()[0] == 0 && static_cast<std::size_t>(begin.data()[inputs]) == row.size(),
        "first must lead from 0 to the number of entries");
  const lhw::steps::Active active(steps, inputs, in.data(), graded);
  const Unlocked unlocked(steps * outputs);
  lhw::steps::sparse(active, graded, steps, outputs, {begin.data(), row.data(), entry.data()}, w.data(),
                     exponent, out.data());
}

}  // namespace

void bind_steps(nb::module_& m) {
  m.def("lif_steps", &lif_steps, "input"_a, "u"_a, "v"_a, "bias"_a, "spikes"_a, "u_kept"_a, "v_kept"_a,
        "input_shift"_a, "threshold"_a);
  m.def("dense_sums", &dense_sums, "input"_a, "weights"_a, "sums"_a, "exponent"_a, "graded"_a);
  m.def("sparse_sums", &sparse_sums, "input"_a, "first"_a, "output"_a, "place"_a, "weights"_a, "sums"_a,
        "exponent"_a, "graded"_a);
}
