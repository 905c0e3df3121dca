// Digits, seconds and column widths.
#include "report/forms/number_text.hpp"

#include "report/forms/table.hpp"
#include "tests/catch.hpp"

using namespace netlimits;
using namespace netlimits::report;

TEST_CASE("digits come in groups of three") {
  CHECK(grouped(0) == "0");
  CHECK(grouped(999) == "999");
  CHECK(grouped(1000) == "1,000");
  CHECK(grouped(28232) == "28,232");
  CHECK(grouped(18446744073709551615ULL) == "18,446,744,073,709,551,615");
  CHECK(grouped(analysis::Interval{4, 5}) == "4 to 5");
  CHECK(counted(1, "connections") == "1 connection");
  CHECK(counted(2, "connections") == "2 connections");
}

TEST_CASE("seconds are exact") {
  CHECK(seconds_text(Duration(0)) == "0 s");
  CHECK(seconds_text(std::chrono::milliseconds(28232)) == "28.232 s");
  CHECK(seconds_text(Duration(1)) == "0.000000001 s");
  CHECK(seconds_text(std::chrono::milliseconds(-1500)) == "-1.5 s");
  CHECK(seconds_text(Duration::min()) == "-9223372036.854775808 s");
}

TEST_CASE("columns are as wide as their widest cell, and lines end without blanks") {
  Table table({{"name"}, {"count", Align::right}});
  CHECK(table.text({}).empty());
  table.add({"ä", "1"});
  table.add({"longer", "1,000"});
  CHECK(table.text({}) == "name    count\nä           1\nlonger  1,000\n");
}
