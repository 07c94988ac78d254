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
constexpr const char* kFormats<double> = "d";
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

// The arrays of neurons.
template <class T>
struct Neurons {
  Neurons(nb::handle in, nb::handle current, nb::handle voltage, nb::handle offset, nb::handle out)
      : input(in, "input"),
        u(current, "u", true),
        v(voltage, "v", true),
        bias(offset, "bias"),
        spikes(out, "spikes", true),
        n(u.size()),
        steps(input.rows()) {
    check(v.size() == n && bias.size() == n, "u, v and bias differ in size");
    check(input.size() == steps * n && spikes.size() == steps * n, "input and spikes: [steps, neurons]");
  }

  Array<T> input, u, v, bias;
  Array<std::uint8_t> spikes;
  std::size_t n, steps;
};

template <class T, class Parameters>
void advance(const Neurons<T>& a, const Parameters& parameters) {
  const Unlocked unlocked(a.input.size());
  lhw::steps::lif(parameters, a.steps, a.n, a.input.data(), a.u.data(), a.v.data(), a.bias.data(),
                  a.spikes.data());
}

void lif_steps(nb::handle input, nb::handle u, nb::handle v, nb::handle bias, nb::handle spikes, int u_kept,
               int v_kept, int input_shift, std::int64_t threshold) {
  check(u_kept >= 0 && u_kept <= 4096 && v_kept >= 0 && v_kept <= 4096, "what is kept of 4096: 0 to 4096");
  check(input_shift >= 0 && input_shift <= 31, "input_shift: 0 to 31");
  // v is always within 24 bits.
  const std::int64_t limit = lhw::steps::kUvLimit;
  const auto bound = static_cast<std::int32_t>(std::min(std::max(threshold, -limit), limit));
  const lhw::steps::Lif parameters{u_kept / 4096.0, v_kept / 4096.0, input_shift, bound};
  advance(Neurons<std::int32_t>(input, u, v, bias, spikes), parameters);
}

void float_lif_steps(nb::handle input, nb::handle u, nb::handle v, nb::handle bias, nb::handle spikes,
                     double u_kept, double v_kept, double threshold) {
  advance(Neurons<double>(input, u, v, bias, spikes), lhw::steps::FloatLif{u_kept, v_kept, threshold});
}

template <class Numbers>
void dense_sums(nb::handle input, nb::handle weights, nb::handle sums, int exponent, bool graded) {
  using Weight = typename Numbers::Weight;
  const Array<Weight> in(input, "input");
  const Array<Weight> w(weights, "weights");
  const Array<Weight> out(sums, "sums", true);
  const std::size_t steps = in.rows();
  const std::size_t inputs = w.rows();
  const std::size_t outputs = inputs == 0 ? 0 : w.size() / inputs;
  check(in.size() == steps * inputs, "input must be [steps, inputs], and weights [inputs, outputs]");
  check(out.size() == steps * outputs, "sums must be [steps, outputs]");
  check(exponent >= -31 && exponent <= 31, "exponent: -31 to 31");
  const lhw::steps::Active<Numbers> active(steps, inputs, in.data(), graded);
  const Unlocked unlocked(active.count() * outputs);
  lhw::steps::dense(active, graded, steps, outputs, w.data(), exponent, out.data());
}

template <class Numbers>
void sparse_sums(nb::handle input, nb::handle first, nb::handle output, nb::handle place, nb::handle weights,
                 nb::handle sums, int exponent, bool graded) {
  using Weight = typename Numbers::Weight;
  const Array<Weight> in(input, "input");
  const Array<std::int32_t> begin(first, "first");
  const Array<std::int32_t> row(output, "output");
  const Array<std::int32_t> entry(place, "place");
  const Array<Weight> w(weights, "weights");
  const Array<Weight> out(sums, "sums", true);
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
  const lhw::steps::Active<Numbers> active(steps, inputs, in.data(), graded);
  const Unlocked unlocked(steps * outputs);
  lhw::steps::sparse(active, graded, steps, outputs, {begin.data(), row.data(), entry.data()}, w.data(),
                     exponent, out.data());
}

template <class Numbers>
void bind_sums(nb::module_& m, const char* dense_name, const char* sparse_name) {
  m.def(dense_name, &dense_sums<Numbers>, "input"_a, "weights"_a, "sums"_a, "exponent"_a, "graded"_a);
  m.def(sparse_name, &sparse_sums<Numbers>, "input"_a, "first"_a, "output"_a, "place"_a, "weights"_a,
        "sums"_a, "exponent"_a, "graded"_a);
}

}  // namespace

void bind_steps(nb::module_& m) {
  m.def("lif_steps", &lif_steps, "input"_a, "u"_a, "v"_a, "bias"_a, "spikes"_a, "u_kept"_a, "v_kept"_a,
        "input_shift"_a, "threshold"_a);
  m.def("float_lif_steps", &float_lif_steps, "input"_a, "u"_a, "v"_a, "bias"_a, "spikes"_a, "u_kept"_a,
        "v_kept"_a, "threshold"_a);
  bind_sums<lhw::steps::Fixed>(m, "dense_sums", "sparse_sums");
  bind_sums<lhw::steps::Float>(m, "float_dense_sums", "float_sparse_sums");
}
