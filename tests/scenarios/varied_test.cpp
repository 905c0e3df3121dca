// What --vary understands.
#include "scenarios/sweep/varied.hpp"

#include <string>
#include <vector>

#include "tests/catch.hpp"

using netlimits::scenarios::parse_varied;
using Values = std::vector<std::string>;

namespace {

Values values_of(const std::string& range) {
  const auto varied = parse_varied(std::string("/a/b=").append(range));
  CAPTURE(range);
  REQUIRE(varied);
  CHECK(varied->pointer == "/a/b");
  return varied->values;
}

}  // namespace

TEST_CASE("a range goes on by a factor, by a sum, or one by one, as far as its end") {
  CHECK(values_of("1000..64000:x2") == Values{"1000", "2000", "4000", "8000", "16000", "32000", "64000"});
  CHECK(values_of("10..100:x1.5") == Values{"10", "15", "22", "33", "49", "73"});
  CHECK(values_of("1000..3500:1000") == Values{"1000", "2000", "3000"});
  CHECK(values_of("1000..3000:+1000") == Values{"1000", "2000", "3000"});
  CHECK(values_of("3..5") == Values{"3", "4", "5"});
  CHECK(values_of("1..3:x1.1") == Values{"1", "2", "3"});  // at least one more
  CHECK(values_of("0..2") == Values{"0", "1", "2"});
}

TEST_CASE("both ends may have a unit, and a list may hold ranges, words and JSON") {
  CHECK(values_of("100/s..400/s:x2") == Values{"100/s", "200/s", "400/s"});
  CHECK(values_of("1s..3s:+1s") == Values{"1s", "2s", "3s"});
  CHECK(values_of("1..2,10,forever") == Values{"1", "2", "10", "forever"});
  CHECK(values_of("[1,2],{\"a\":1},\"x,y\"") == Values{"[1,2]", "{\"a\":1}", "\"x,y\""});
  CHECK(values_of("1024 65535,32768 60999") == Values{"1024 65535", "32768 60999"});
}

TEST_CASE("a million values can be asked for, and one more is refused before memory runs out") {
  const auto most = parse_varied("/workloads/load/connections=1..1000000");
  REQUIRE(most);
  CHECK(most->values.size() == 1'000'000);
  const auto more = parse_varied("/workloads/load/connections=1..64000202");
  REQUIRE_FALSE(more);
  CHECK(more.error() == "more than 1000000 values");
}

TEST_CASE("what is no range is refused with a reason") {
  for (const char* wrong :
       {"", "/a", "a=1", "/a=", "/a=1,,2", "/a=5..1", "/a=1..5:x1", "/a=1..5:x0.5", "/a=1..5:0", "/a=1..5s",
        "/a=1s..5ms", "/a=1,1", "/a=1..3,2", "/a=..5", "/a=1..5:x", "/a=1..99999999999"}) {
    CAPTURE(wrong);
    const auto varied = parse_varied(wrong);
    REQUIRE_FALSE(varied);
    CHECK_FALSE(varied.error().empty());
  }
}
