// Inputs of tens of thousands of everything are read in a time that grows with their size: what compares each with each
// needs minutes for these.
#include <ctime>
#include <string>

#include <fmt/format.h>

#include "scenarios/json/json_document.hpp"
#include "scenarios/scenario_loader.hpp"
#include "tests/catch.hpp"

namespace netlimits::scenarios {
namespace {

// Seconds of computing, which a busy machine does not stretch. Far above what they take anywhere, sanitizers included;
// far below what each with each takes.
constexpr std::clock_t patience = 30;

struct Parts {
  std::string hosts{};
  std::string paths = "[]";
  std::string balancers = "{}";
  std::string workloads = R"({"load":{"from":"client/app","to":["10.1.0.9:443"],"connections":1}})";
  std::string client = R"("client":{"addresses":["10.0.0.5"],"processes":{"app":{}}})";
};

const std::string plain_server =
    R"("server":{"addresses":["10.1.0.9"],"processes":{"web":{"listeners":[{"endpoint":"0.0.0.0:443"}]}}})";

std::string in_braces(const std::string& members) { return fmt::format("{{{}}}", members); }

std::string scenario_of(const Parts& parts) {
  return fmt::format(R"({{"netlimits":1,"name":"large","hosts":{{{},{}}},"paths":{},"balancers":{},"workloads":{}}})",
                     parts.client, parts.hosts, parts.paths, parts.balancers, parts.workloads);
}

// "WHAT(0),WHAT(1),...".
template <class What>
std::string listed(std::size_t count, What&& what) {
  std::string list;
  for (std::size_t i = 0; i < count; ++i) {
    if (i > 0) list += ',';
    list += what(i);
  }
  return list;
}

std::string address(std::size_t i) { return fmt::format("10.{}.{}.{}", 16 + i / 65536, i / 256 % 256, i % 256); }

Loaded<Scenario> read(const std::string& text) {
  const std::clock_t begin = std::clock();
  auto loaded = load_scenario(text, "large.json", ProfileSet::built_in());
  CHECK((std::clock() - begin) / CLOCKS_PER_SEC < patience);
  return loaded;
}

TEST_CASE("a large scenario on a single line is read as fast as any other") {
  Parts parts{.hosts = plain_server};
  parts.workloads = in_braces(listed(20'000, [](std::size_t i) {
    return fmt::format(R"("w{}":{{"from":"client/app","to":["10.1.0.9:443"],"connections":1}})", i);
  }));
  const auto loaded = read(scenario_of(parts));
  REQUIRE(loaded);
  CHECK(loaded->workloads.size() == 20'000);
}

TEST_CASE("a host may have 60,000 listeners at as many ports, or at as many addresses, and a workload name them all") {
  Parts ports;
  ports.hosts =
      R"("server":{"addresses":["10.1.0.9"],"settings":{"fs.nr_open":1000000},"processes":{"web":{"nofile":100000,"listeners":[)" +
      listed(60'000, [](std::size_t i) { return fmt::format(R"({{"endpoint":"0.0.0.0:{}"}})", i + 1); }) + "]}}}";
  CHECK(read(scenario_of(ports)));

  Parts addresses;
  addresses.hosts =
      R"("server":{"addresses":[{"first":"10.16.0.0","count":60000}],"settings":{"fs.nr_open":1000000},"processes":{"web":{"nofile":100000,"listeners":[)" +
      listed(60'000, [](std::size_t i) { return fmt::format(R"({{"endpoint":"{}:443"}})", address(i)); }) + "]}}}";
  addresses.workloads = R"({"load":{"from":"client/app","connections":1,"to":[)" +
                        listed(60'000, [](std::size_t i) { return fmt::format(R"("{}:443")", address(i)); }) + "]}}";
  CHECK(read(scenario_of(addresses)));
}

TEST_CASE("10,000 hosts with a path, a balancer and a workload each are read, and so are 10,000 groups of two") {
  constexpr std::size_t many = 10'000;
  Parts parts;
  parts.hosts =
      fmt::format("{},{}", plain_server, listed(many, [](std::size_t i) {
                    return fmt::format(R"("c{}":{{"addresses":["{}"],"processes":{{"app":{{}}}}}})", i, address(i));
                  }));
  parts.paths = fmt::format("[{}]", listed(many, [](std::size_t i) {
                              return fmt::format(R"({{"between":["c{0}","server"],"rtt":"10ms"}},)"
                                                 R"({{"between":["c{0}","b{0}"],"rtt":"1ms"}})",
                                                 i);
                            }));
  parts.balancers = in_braces(listed(many, [](std::size_t i) {
    return fmt::format(R"("b{}":{{"endpoint":"192.0.2.1:{}","back_ends":["10.1.0.9:443"]}})", i, i + 1);
  }));
  parts.workloads = in_braces(listed(many, [](std::size_t i) {
    return fmt::format(R"("w{0}":{{"from":"c{0}/app","to":["10.1.0.9:443","b{0}"],"connections":1}})", i);
  }));
  CHECK(read(scenario_of(parts)));

  Parts groups;
  groups.hosts = listed(many, [](std::size_t i) {
    return fmt::format(
        R"("g{}":{{"addresses":["{}"],"count":2,"processes":{{"web":{{"listeners":[{{"endpoint":"0.0.0.0:443"}}]}}}}}})",
        i, address(2 * i));
  });
  groups.workloads = R"({"load":{"from":"client/app","connections":1,"to":[)" +
                     listed(2 * many, [](std::size_t i) { return fmt::format(R"("{}:443")", address(i)); }) + "]}}";
  CHECK(read(scenario_of(groups)));
}

TEST_CASE("many errors are cut, and a last line says how many are not shown") {
  Parts parts{.hosts = plain_server};
  parts.workloads = in_braces(listed(20'000, [](std::size_t i) {
    return fmt::format(R"("w{}":{{"from":"client/ap","to":["10.1.0.9:443"],"connections":1}})", i);
  }));
  const auto loaded = read(scenario_of(parts));
  REQUIRE_FALSE(loaded);
  REQUIRE(loaded.error().size() == most_input_errors + 1);
  CHECK(loaded.error().back().text() ==
        "large.json: 19980 more errors are not shown; repair the first ones and look again");
}

TEST_CASE("a key that comes again and again is told a few times") {
  const auto loaded = read(in_braces(listed(100'000, [](std::size_t) { return std::string(R"("a":1)"); })));
  REQUIRE_FALSE(loaded);
  REQUIRE(loaded.error().size() == most_input_errors + 1);
  CHECK(loaded.error().back().text() ==
        "large.json: too many errors: nothing behind the last one was read; repair the first ones and look again");
}

TEST_CASE("a text of more values than are kept is refused") {
  const std::string text = fmt::format("[{}]", listed(most_json_values, [](std::size_t) { return std::string("0"); }));
  const auto refused = parse_json(text, "many.json");
  REQUIRE_FALSE(refused);
  CHECK(refused.error().front().text().find("expected at most 5000000 values in one text, found more") !=
        std::string::npos);
}

}  // namespace
}  // namespace netlimits::scenarios
