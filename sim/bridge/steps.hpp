// Steps of models for whole arrays: what numpy does in many passes, in one.
//
// The Python models say what the numbers are (lava_hw/proc/lif, dense and sparse); tests hold these
// functions to them. Integer sums wrap at 32 bits, so they are done without sign. Floats are added in the
// order of the inputs, and nothing may be contracted (-ffp-contract=off).
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace lhw::steps {

// u lies in (-kUvLimit, kUvLimit], v in [-(kUvLimit - 1), kUvLimit - 1].
constexpr std::int32_t kUvLimit = 1 << 23;

struct Lif {
  double u_kept;  // of u in a step: 0 to 1, a multiple of 2^-12, so that products with 32 bits are exact
  double v_kept;
  int input_shift;  // 0 to 31
  std::int32_t threshold;
};

// Steps of n LIF neurons. `input` and `spikes` have a row of n for each step.
inline void lif(const Lif& p, std::size_t steps, std::size_t n, const std::int32_t* __restrict input,
                std::int32_t* __restrict u, std::int32_t* __restrict v, const std::int32_t* __restrict bias,
                std::uint8_t* __restrict spikes) {
  for (std::size_t t = 0; t < steps; ++t, input += n, spikes += n) {
    for (std::size_t i = 0; i < n; ++i) {
      // The conversion rounds toward zero, as it is wanted.
      const auto decayed = static_cast<std::uint32_t>(static_cast<std::int32_t>(u[i] * p.u_kept));
      const std::uint32_t added = static_cast<std::uint32_t>(input[i]) << p.input_shift;
      auto current = static_cast<std::int32_t>(decayed + added);
      // Wrapped once only: what is beyond 3 * 2^23 stays out of range.
      const std::int32_t down = current > kUvLimit ? -2 * kUvLimit : 0;
      const std::int32_t up = current <= -kUvLimit ? 2 * kUvLimit : 0;
      current += down + up;
      u[i] = current;
      const auto kept = static_cast<std::uint32_t>(static_cast<std::int32_t>(v[i] * p.v_kept));
      auto voltage = static_cast<std::int32_t>(kept + static_cast<std::uint32_t>(current) +
                                               static_cast<std::uint32_t>(bias[i]));
      voltage = std::min(std::max(voltage, 1 - kUvLimit), kUvLimit - 1);
      const bool spike = voltage > p.threshold;
      spikes[i] = spike;
      v[i] = spike ? 0 : voltage;
    }
  }
}

struct FloatLif {
  double u_kept;  // of u in a step
  double v_kept;
  double threshold;
};

// The same in floating point.
inline void lif(const FloatLif& p, std::size_t steps, std::size_t n, const double* __restrict input,
                double* __restrict u, double* __restrict v, const double* __restrict bias,
                std::uint8_t* __restrict spikes) {
  for (std::size_t t = 0; t < steps; ++t, input += n, spikes += n) {
    for (std::size_t i = 0; i < n; ++i) {
      u[i] = u[i] * p.u_kept + input[i];
      const double voltage = v[i] * p.v_kept + u[i] + bias[i];
      const bool spike = voltage > p.threshold;
      spikes[i] = spike;
      v[i] = spike ? 0 : voltage;
    }
  }
}

// What connections calculate with. In fixed point, graded products wrap at 32 bits before they are shifted;
// sums of weights do not, so they need 64 where they are shifted to the right.
struct Fixed {
  using Weight = std::int32_t;
  using Narrow = std::uint32_t;
  using Wide = std::int64_t;
};
struct Float {
  using Weight = double;
  using Narrow = double;
  using Wide = double;
};

// The messages of some steps that are not zero: the input, and how often its weights count, once for a spike.
template <class Numbers>
class Active {
 public:
  struct Message {
    std::uint32_t place;
    typename Numbers::Narrow times;
  };

  Active(std::size_t steps, std::size_t inputs, const typename Numbers::Weight* input, bool graded) {
    first_.reserve(steps + 1);
    first_.push_back(0);
    for (std::size_t t = 0; t < steps; ++t, input += inputs) {
      for (std::size_t i = 0; i < inputs; ++i) {
        if (input[i] != 0) {
          const auto times = graded ? static_cast<typename Numbers::Narrow>(input[i]) : 1;
          all_.push_back({static_cast<std::uint32_t>(i), times});
        }
      }
      first_.push_back(all_.size());
    }
  }
  const Message* begin(std::size_t step) const { return all_.data() + first_[step]; }
  const Message* end(std::size_t step) const { return all_.data() + first_[step + 1]; }
  std::size_t count() const { return all_.size(); }

 private:
  std::vector<Message> all_;
  std::vector<std::size_t> first_;
};

// Of a sum to what is sent: times 2^exponent (-31 to 31), flooring, the low 32 bits. Floats stay as they are.
inline std::int32_t shifted(std::uint32_t sum, int exponent) {
  if (exponent >= 0) return static_cast<std::int32_t>(sum << exponent);
  return static_cast<std::int32_t>(sum) >> -exponent;
}
inline std::int32_t shifted(std::int64_t sum, int exponent) {
  if (exponent >= 0) return static_cast<std::int32_t>(static_cast<std::uint64_t>(sum) << exponent);
  return static_cast<std::int32_t>(sum >> -exponent);
}
inline double shifted(double sum, int) {
  return sum;
}

namespace detail {

// Sums of `width` outputs from `column` on, at most `Width`, which stay in the first cache. Long pieces of a
// row at a time: rows are often a power of two apart, and short pieces of many would share few lines of a
// cache.
template <class Sum, bool Graded, std::size_t Width, class Message, class Weight>
void dense_columns(const Message* first, const Message* last, std::size_t outputs, std::size_t width,
                   const Weight* __restrict weights, int exponent, Weight* __restrict output) {
  Sum sum[Width] = {};
  const Message* m = first;
  // Four rows at a time, so that a sum is fetched and stored once for them.
  for (; last - m >= 4; m += 4) {
    const Weight* a = weights + m[0].place * outputs;
    const Weight* b = weights + m[1].place * outputs;
    const Weight* c = weights + m[2].place * outputs;
    const Weight* d = weights + m[3].place * outputs;
    for (std::size_t j = 0; j < width; ++j) {
      Sum total = sum[j];
      total += static_cast<Sum>(a[j]) * (Graded ? static_cast<Sum>(m[0].times) : Sum{1});
      total += static_cast<Sum>(b[j]) * (Graded ? static_cast<Sum>(m[1].times) : Sum{1});
      total += static_cast<Sum>(c[j]) * (Graded ? static_cast<Sum>(m[2].times) : Sum{1});
      total += static_cast<Sum>(d[j]) * (Graded ? static_cast<Sum>(m[3].times) : Sum{1});
      sum[j] = total;
    }
  }
  for (; m != last; ++m) {
    const Weight* a = weights + m->place * outputs;
    for (std::size_t j = 0; j < width; ++j) {
      sum[j] += static_cast<Sum>(a[j]) * (Graded ? static_cast<Sum>(m->times) : Sum{1});
    }
  }
  for (std::size_t j = 0; j < width; ++j) output[j] = shifted(sum[j], exponent);
}

template <class Sum, bool Graded, class Numbers>
void dense(const Active<Numbers>& active, std::size_t steps, std::size_t outputs,
           const typename Numbers::Weight* weights, int exponent, typename Numbers::Weight* output) {
  constexpr std::size_t kNarrow = 64;
  constexpr std::size_t kWide = 1024;
  for (std::size_t t = 0; t < steps; ++t, output += outputs) {
    const auto* first = active.begin(t);
    const auto* last = active.end(t);
    if (outputs <= kNarrow) {
      dense_columns<Sum, Graded, kNarrow>(first, last, outputs, outputs, weights, exponent, output);
      continue;
    }
    for (std::size_t column = 0; column < outputs; column += kWide) {
      dense_columns<Sum, Graded, kWide>(first, last, outputs, std::min(kWide, outputs - column),
                                        weights + column, exponent, output + column);
    }
  }
}

}  // namespace detail

// Sums of a dense connection. `weights` has a row of all outputs for each input.
template <class Numbers>
void dense(const Active<Numbers>& active, bool graded, std::size_t steps, std::size_t outputs,
           const typename Numbers::Weight* weights, int exponent, typename Numbers::Weight* output) {
  if (graded) {
    detail::dense<typename Numbers::Narrow, true>(active, steps, outputs, weights, exponent, output);
  } else if (exponent >= 0) {
    detail::dense<typename Numbers::Narrow, false>(active, steps, outputs, weights, exponent, output);
  } else {
    detail::dense<typename Numbers::Wide, false>(active, steps, outputs, weights, exponent, output);
  }
}

// The stored entries of a sparse matrix by input: those of input i are first[i] to first[i + 1].
struct Entries {
  const std::int32_t* first;
  const std::int32_t* output;  // of an entry
  const std::int32_t* place;   // of an entry, in the weights
};

namespace detail {

template <class Sum, bool Graded, class Numbers>
void sparse(const Active<Numbers>& active, std::size_t steps, std::size_t outputs, const Entries& entries,
            const typename Numbers::Weight* weights, int exponent, typename Numbers::Weight* output) {
  std::vector<Sum> sum(outputs);
  for (std::size_t t = 0; t < steps; ++t) {
    std::fill(sum.begin(), sum.end(), Sum{0});
    for (const auto* m = active.begin(t); m != active.end(t); ++m) {
      const Sum times = Graded ? static_cast<Sum>(m->times) : Sum{1};
      for (std::int32_t k = entries.first[m->place]; k < entries.first[m->place + 1]; ++k) {
        sum[static_cast<std::size_t>(entries.output[k])] +=
            static_cast<Sum>(weights[static_cast<std::size_t>(entries.place[k])]) * times;
      }
    }
    for (std::size_t j = 0; j < outputs; ++j) output[t * outputs + j] = shifted(sum[j], exponent);
  }
}

}  // namespace detail

// Sums of a sparse connection; see `dense`.
template <class Numbers>
void sparse(const Active<Numbers>& active, bool graded, std::size_t steps, std::size_t outputs,
            const Entries& entries, const typename Numbers::Weight* weights, int exponent,
            typename Numbers::Weight* output) {
  if (graded) {
    detail::sparse<typename Numbers::Narrow, true>(active, steps, outputs, entries, weights, exponent,
                                                   output);
  } else if (exponent >= 0) {
    detail::sparse<typename Numbers::Narrow, false>(active, steps, outputs, entries, weights, exponent,
                                                    output);
  } else {
    detail::sparse<typename Numbers::Wide, false>(active, steps, outputs, entries, weights, exponent, output);
  }
}

}  // namespace lhw::steps
