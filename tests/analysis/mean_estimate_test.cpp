// Means and confidence intervals in whole numbers are those of a textbook.
#include "analysis/estimates/mean_estimate.hpp"

#include <cmath>
#include <cstdint>
#include <random>
#include <vector>

#include "tests/catch.hpp"

using netlimits::analysis::estimate_of_mean;
using netlimits::analysis::MeanEstimate;

TEST_CASE("the interval of a few samples is Student's") {
  // Mean 5, deviation 1.5811 of five: the mean's error is 0.7071, and 2.776 times that is 1.9629.
  const std::vector<std::uint64_t> samples{3, 4, 5, 6, 7};
  const MeanEstimate estimate = estimate_of_mean(samples, 1000);
  CHECK(estimate.mean == 5000);
  CHECK(estimate.standard_error == 707);
  CHECK(estimate.low == 5000 - 1963);
  CHECK(estimate.high == 5000 + 1963);
}

TEST_CASE("one sample has no interval, equal ones have none, and none reaches below 0") {
  const std::vector<std::uint64_t> one{7};
  CHECK(estimate_of_mean(one, 10).low == 70);
  CHECK(estimate_of_mean(one, 10).high == 70);
  const std::vector<std::uint64_t> equal(9, 28'232);
  CHECK(estimate_of_mean(equal, 1).high == 28'232);
  const std::vector<std::uint64_t> wide{0, 1000};
  CHECK(estimate_of_mean(wide, 1).low == 0);
}

TEST_CASE("large figures are as exact as small ones, and the order of samples does not count") {
  std::mt19937_64 random(1);
  for (int round = 0; round < 200; ++round) {
    std::vector<std::uint64_t> samples(2 + random() % 150);
    for (std::uint64_t& sample : samples) sample = random() % 1'000'000'000'000;
    const MeanEstimate estimate = estimate_of_mean(samples, 1000);
    long double sum = 0;
    for (const std::uint64_t sample : samples) sum += static_cast<long double>(sample);
    const auto count = static_cast<long double>(samples.size());
    long double squares = 0;
    for (const std::uint64_t sample : samples) {
      const long double off = static_cast<long double>(sample) - sum / count;
      squares += off * off;
    }
    const long double error = std::sqrt(squares / (count * (count - 1)));
    CHECK(static_cast<double>(estimate.mean) == Approx(static_cast<double>(1000 * sum / count)).epsilon(1e-9));
    CHECK(static_cast<double>(estimate.standard_error) == Approx(static_cast<double>(1000 * error)).epsilon(1e-6));
    std::vector<std::uint64_t> backwards(samples.rbegin(), samples.rend());
    CHECK(estimate_of_mean(backwards, 1000).high == estimate.high);
  }
}
