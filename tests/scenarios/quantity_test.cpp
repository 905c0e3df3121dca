// Durations, rates and misspelt names.
#include "scenarios/json/quantity.hpp"

#include <string>
#include <vector>

#include "scenarios/json/nearest_name.hpp"
#include "tests/catch.hpp"

namespace netlimits::scenarios {
namespace {

using namespace std::chrono_literals;

TEST_CASE("a duration is read exactly or not at all") {
  CHECK(parse_duration("60s") == Duration(60s));
  CHECK(parse_duration("250ms") == Duration(250ms));
  CHECK(parse_duration("0.5s") == Duration(500ms));
  CHECK(parse_duration("1.5h") == Duration(90min));
  CHECK(parse_duration("100 us") == Duration(100us));
  CHECK(parse_duration("100\u00b5s") == Duration(100us));
  CHECK(parse_duration("0.000000001s") == Duration(1ns));
  CHECK(parse_duration("1d") == Duration(24h));
  CHECK(parse_duration("0s") == Duration::zero());
  for (const std::string text : {"60 parsecs", "60", "s", "", "-1s", "1.s", ".5s", "0.5ns", "0.0000000001s", "1e3s",
                                 "1s ", "99999999999999999999s", "36501d", "1,5s", "0x10s", "60S", "1..5s"}) {
    CAPTURE(text);
    CHECK_FALSE(parse_duration(text).has_value());
  }
}

TEST_CASE("a rate keeps its unit, and its interval is the nearest nanosecond") {
  CHECK(interval_of(*parse_rate("1000/s")) == Duration(1ms));
  CHECK(interval_of(*parse_rate("3/s")) == Duration(333333333ns));
  CHECK(interval_of(*parse_rate("30/min")) == Duration(2s));
  CHECK(interval_of(*parse_rate("0.5/s")) == Duration(2s));
  CHECK(interval_of(*parse_rate("1/h")) == Duration(1h));
  CHECK(thousandths_per_second(*parse_rate("500/s")) == 500000U);
  CHECK(thousandths_per_second(*parse_rate("30/min")) == 500U);
  CHECK_FALSE(thousandths_per_second(*parse_rate("1/h")).has_value());
  for (const std::string text :
       {"0/s", "500", "500/parsec", "/s", "0.0001/s", "2/ns", "-1/s", "1e3/s", "99999999999999999999/s"}) {
    CAPTURE(text);
    CHECK_FALSE(parse_rate(text).has_value());
  }
}

TEST_CASE("a misspelt name finds its neighbour") {
  const std::vector<std::string> known{"connections", "arrivals", "net.core.somaxconn", "hold"};
  CHECK(nearest_name("conections", known) == "connections");
  CHECK(nearest_name("arivals", known) == "arrivals");
  CHECK(nearest_name("hodl", known) == "hold");
  CHECK(nearest_name("somaxconn", known) == "net.core.somaxconn");
  CHECK_FALSE(nearest_name("zebra", known).has_value());
  CHECK(nearest_name("C", {"s", "c"}) == "c");
  CHECK(nearest_name("CLIENT", {"clients", "client"}) == "client");
  CHECK(suggestion("zebra", known) == "known: connections, arrivals, net.core.somaxconn, hold");
}

}  // namespace
}  // namespace netlimits::scenarios
