// Claims on limits by name and place, on the capacity and on rates, through `run` and `capacity`.
#include <nlohmann/json.hpp>
#include <string>

#include "tests/catch.hpp"
#include "tests/cli/shell.hpp"

using netlimits::tests::Said;
using nlohmann::json;

namespace {

// 28,232 ports and 32,764 descriptors for `connections` that stay.
Said asked(const std::string& command, int connections, const std::string& claim) {
  const std::string many = std::to_string(connections);
  std::string line = std::string("cd '") + NETLIMITS_SOURCE_DIR + "' && '" + NETLIMITS_PROGRAM + "' ";
  line.append(command).append(" scenarios/outbound-exhaustion.json --set /workloads/load/connections=").append(many);
  line.append(" --set '/expect=[{\"name\": \"it\", ").append(claim).append("}]' 2>&1");
  return netlimits::tests::said_by(line);
}

const std::string descriptors = R"("limit": "fd_per_process", "place": "server/web", )";

}  // namespace

TEST_CASE("the headroom of a limit is what was never in use of it in a run, exactly") {
  // 3 + 1 descriptors of its own: 16,380 connections leave half of 32,768.
  CHECK(asked("run", 16'380, descriptors + R"("headroom_at_least": "50%")").code == 0);
  CHECK(asked("run", 16'381, descriptors + R"("headroom_at_least": "50%")").code == 1);
  CHECK(asked("run", 100, descriptors + R"("exhausted": false)").code == 0);
  CHECK(asked("run", 100, descriptors + R"("capacity_at_least": 32768)").code == 0);
  CHECK(asked("run", 100, descriptors + R"("capacity_at_least": 32769)").code == 1);
  const Said said = asked("run --format json", 16'381, descriptors + R"("headroom_at_least": "50%")");
  const json claim = json::parse(said.text).at("expectations").at(0);
  CHECK(claim.at("limit") == "fd_per_process");
  CHECK(claim.at("place") == "server/web");
  CHECK(claim.at("comparison") == "headroom_at_least");
  CHECK(claim.at("expected") == "50%");
  CHECK(claim.at("actual") == "49.9%");
  CHECK_FALSE(claim.at("holds").get<bool>());
}

TEST_CASE("capacity judges them by the connections at which the limit binds") {
  const std::string ports = R"("limit": "ephemeral_ports", "place": "client 10.0.0.5 -> 10.1.0.9:443", )";
  CHECK(asked("capacity", 14'116, ports + R"("headroom_at_least": "50%")").code == 0);
  CHECK(asked("capacity", 14'117, ports + R"("headroom_at_least": "50%")").code == 1);
  CHECK(asked("capacity", 100, ports + R"("capacity_at_least": 28232)").code == 0);
  CHECK(asked("capacity", 100, ports + R"("capacity_at_least": 28233)").code == 1);
  CHECK(asked("capacity", 28'232, ports + R"("exhausted": false)").code == 0);
  CHECK(asked("capacity", 28'233, ports + R"("exhausted": false)").code == 1);
  CHECK(asked("capacity", 28'233, ports + R"("exhausted": true)").code == 0);
}

TEST_CASE("the capacity, rates and the headroom of all together are the same claim in both") {
  for (const char* command : {"run", "capacity"}) {
    CAPTURE(command);
    CHECK(asked(command, 100, R"("capacity_at_least": 28232)").code == 0);
    CHECK(asked(command, 100, R"("capacity_at_least": 28233)").code == 1);
    CHECK(asked(command, 22'585, R"("headroom_at_least": "20%")").code == 0);
    CHECK(asked(command, 22'586, R"("headroom_at_least": "20%")").code == 1);
    // Connections that stay have no rate.
    const Said none = asked(command, 100, R"("sustains_at_least": "1/s", "workload": "load")");
    CHECK(none.code == 1);
    CHECK_THAT(none.text, Catch::Matchers::Contains("do not end"));
  }
}

TEST_CASE("a limit that the answer does not have at that place fails with those that it has") {
  const std::string elsewhere = R"("limit": "fd_per_process", "place": "server", "exhausted": false)";
  const Said run = asked("run", 100, elsewhere);
  CHECK(run.code == 1);
  CHECK_THAT(run.text,
             Catch::Matchers::Contains("no fd_per_process at server") && Catch::Matchers::Contains("server/web"));
  const Said capacity = asked("capacity", 100, elsewhere);
  CHECK(capacity.code == 1);
  CHECK_THAT(capacity.text, Catch::Matchers::Contains("no fd_per_process at server is known to bind"));
  CHECK(asked("run", 100, R"("limit": "fd_per_process", "place": "nobody", "exhausted": false)").code == 2);
  CHECK(asked("capacity", 100, R"("limit": "no_such", "place": "server/web", "exhausted": false)").code == 2);
}
