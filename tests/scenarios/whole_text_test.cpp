// Streams that end, and streams that fail.
#include "scenarios/json/whole_text.hpp"

#include <fstream>
#include <sstream>

#include "tests/catch.hpp"

namespace netlimits::scenarios {
namespace {

TEST_CASE("a stream is read to its end, with every byte") {
  std::string long_text(200'000, 'x');
  long_text[70'000] = '\0';
  for (const std::string& text : {std::string(), std::string("\xff\0\n", 3), long_text}) {
    std::istringstream stream(text);
    CHECK(whole_text(stream) == text);
  }
}

TEST_CASE("a stream that cannot be read to its end is nothing, not an exception") {
  std::ifstream directory("/");
  REQUIRE(directory.is_open());
  CHECK(whole_text(directory) == std::nullopt);
}

}  // namespace
}  // namespace netlimits::scenarios
