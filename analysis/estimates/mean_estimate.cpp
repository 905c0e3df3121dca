// Sums and a whole root of as many digits as they need.
#include "analysis/estimates/mean_estimate.hpp"

#include <algorithm>
#include <array>
#include <boost/multiprecision/cpp_int.hpp>

namespace netlimits::analysis {
namespace {

using boost::multiprecision::cpp_int;

// The 0.975 quantile of Student's t, in thousandths, for 1 to 30 degrees of freedom.
constexpr std::array<std::uint64_t, 30> few_degrees{12706, 4303, 3182, 2776, 2571, 2447, 2365, 2306, 2262, 2228,
                                                    2201,  2179, 2160, 2145, 2131, 2120, 2110, 2101, 2093, 2086,
                                                    2080,  2074, 2069, 2064, 2060, 2056, 2052, 2048, 2045, 2042};

// Between the rows of the table the smaller degree counts: the wider interval.
std::uint64_t student_t(std::size_t degrees) {
  if (degrees <= few_degrees.size()) return few_degrees.at(degrees - 1);
  if (degrees < 40) return few_degrees.back();
  if (degrees < 60) return 2021;
  if (degrees < 120) return 2000;
  return 1980;
}

std::uint64_t rounded(const cpp_int& above, const cpp_int& below) {
  return static_cast<std::uint64_t>((above * 2 + below) / (below * 2));
}

}  // namespace

MeanEstimate estimate_of_mean(std::span<const std::uint64_t> samples, std::uint64_t scale) {
  cpp_int sum = 0;
  cpp_int squares = 0;
  for (const std::uint64_t sample : samples) {
    sum += sample;
    squares += cpp_int(sample) * sample;
  }
  const cpp_int count = samples.size();
  MeanEstimate made;
  made.mean = rounded(sum * scale, count);
  made.low = made.high = made.mean;
  if (samples.size() < 2) return made;
  // The variance of the mean is (n * squares - sum^2) / (n^2 * (n - 1)); its root here in thousandths of a unit more.
  const cpp_int spread = count * squares - sum * sum;
  const cpp_int finer = cpp_int(scale) * 1000;
  const cpp_int error = boost::multiprecision::sqrt(cpp_int(spread * finer * finer / (count * count * (count - 1))));
  made.standard_error = rounded(error, 1000);
  const std::uint64_t half = rounded(error * student_t(samples.size() - 1), 1'000'000);
  made.low = made.mean - std::min(half, made.mean);
  made.high = made.mean + half;
  return made;
}

}  // namespace netlimits::analysis
