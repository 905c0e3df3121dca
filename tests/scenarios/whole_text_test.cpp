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
  CHECK(whole_text(directory) == tl::unexpected(ReadFailure::broken));
}

TEST_CASE("a stream without an end is cut, and a sentence says where") {
  std::ifstream endless("/dev/zero");
  REQUIRE(endless.is_open());
  CHECK(whole_text(endless, 1'000'000) == tl::unexpected(ReadFailure::too_long));
  std::istringstream fits(std::string(1000, 'x'));
  CHECK(whole_text(fits, 1000) == std::string(1000, 'x'));
  std::istringstream longer(std::string(1001, 'x'));
  CHECK(whole_text(longer, 1000) == tl::unexpected(ReadFailure::too_long));
  CHECK(text_of(ReadFailure::too_long, 1000) == "has no end within 1000 bytes, and more is not read");
}

}  // namespace
}  // namespace netlimits::scenarios
