#include "analysis/steady_state.hpp"

#include <fmt/format.h>

#include <boost/multiprecision/cpp_int.hpp>

namespace netlimits::analysis {

std::string Rate::text() const {
  using boost::multiprecision::uint128_t;
  const uint128_t thousandths = uint128_t(connections) * 1'000'000'000'000U / per_nanoseconds;
  return fmt::format("{}.{:03}", static_cast<std::uint64_t>(thousandths / 1000U),
                     static_cast<std::uint64_t>(thousandths % 1000U));
}

}  // namespace netlimits::analysis
