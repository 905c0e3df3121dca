// Sums and products that stop at the end of time.
#include "model/net/bounded_time.hpp"

#include "tests/catch.hpp"

using namespace netlimits;

TEST_CASE("what fits is exact, and what does not is the last there is") {
  CHECK(bounded_product(Duration(3), 5) == Duration(15));
  CHECK(bounded_product(Duration::max(), 1) == Duration::max());
  CHECK(bounded_product(Duration::max() / 2, 3) == Duration::max());
  CHECK(bounded_product(Duration(1), most_count) == Duration::max());
  CHECK(bounded_product(Duration(0), most_count) == Duration(0));
  CHECK(bounded_product(std::uint64_t{3}, std::uint64_t{5}) == 15);
  CHECK(bounded_product(most_count / 2, std::uint64_t{3}) == most_count);
  CHECK(bounded_sum(Duration(3), Duration(5)) == Duration(8));
  CHECK(bounded_sum(Duration::max(), Duration(1)) == Duration::max());
  CHECK(later(time_zero, Duration(7)) == SimTime(Duration(7)));
  CHECK(later(SimTime(Duration(-7)), Duration(7)) == time_zero);
  CHECK(later(end_of_time, Duration(7)) == end_of_time);
}
