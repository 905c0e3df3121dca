// What several runs of the same random scenario say of the mean of a figure.
#pragma once

#include <cstdint>
#include <span>

namespace netlimits::analysis {

// The mean and the ends of its 95 % confidence interval, each times a scale and rounded to the nearest whole number
// (`low` not below 0).
struct MeanEstimate {
  std::uint64_t mean = 0;
  std::uint64_t low = 0;
  std::uint64_t high = 0;
  std::uint64_t standard_error = 0;
};

// By Student's t with one degree of freedom less than there are samples (NIST/SEMATECH e-Handbook of Statistical
// Methods, 1.3.5.2 and 1.3.6.7.2); in whole numbers throughout, so that every machine says the same. One sample has no
// interval: low and high are the mean. Requires: at least one sample.
MeanEstimate estimate_of_mean(std::span<const std::uint64_t> samples, std::uint64_t scale);

}  // namespace netlimits::analysis
