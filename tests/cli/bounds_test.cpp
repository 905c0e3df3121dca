// What would take a machine's memory, or never end, is refused with the figure and a way out; what is the most that is
// allowed is done.
#include <sys/resource.h>
#include <sys/stat.h>

#include <chrono>
#include <string>
#include <vector>

#include <fmt/format.h>

#include "tests/catch.hpp"
#include "tests/cli/program_run.hpp"

namespace netlimits::tests {
namespace {

struct Ended {
  int code = -1;
  std::string output;
  std::string errors;
};

// The program inherits it. Sanitizers reserve far more than they use.
void allow_mebibytes([[maybe_unused]] rlim_t mebibytes) {
#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
  const rlimit most{mebibytes << 20U, RLIM_INFINITY};
  REQUIRE(setrlimit(RLIMIT_AS, &most) == 0);
#endif
}

Ended run(const Workplace& workplace, const std::vector<std::string>& arguments, rlim_t mebibytes = 1024) {
  allow_mebibytes(mebibytes);
  ProgramRun program(workplace, arguments, "bounds");
  const auto code = program.wait(std::chrono::seconds(60));
  return {code.value_or(-1), program.output(), program.errors()};
}

bool has(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

// `more`: keys of the scenario; `processes`: of the server; `workload`: keys beside from and to.
std::string scenario(const std::string& more, const std::string& web, const std::string& workload,
                     const std::string& server = "", const std::string& app = "{}") {
  return fmt::format(
      R"({{"netlimits":1,"name":"bounds",{}"hosts":{{"client":{{"addresses":["10.0.0.5"],"processes":{{"app":{}}}}},)"
      R"("server":{{{}"addresses":["10.1.0.9"],"processes":{{"web":{}}}}}}},)"
      R"("workloads":{{"load":{{"from":"client/app","to":["10.1.0.9:443"],{}}}}}}})",
      more, app, server, web, workload);
}

const std::string plain_web = R"({"listeners":[{"endpoint":"0.0.0.0:443"}]})";

std::string sharing(std::uint64_t sockets) {
  return fmt::format(R"({{"count":{},"nofile":100,"listeners":[{{"endpoint":"0.0.0.0:443","shared":"reuse_port"}}]}})",
                     sockets);
}

}  // namespace

TEST_CASE("a run that needs too much is refused before it begins, with the figure and a way out") {
  struct Row {
    std::string name;
    std::string text;
    std::string figure;
    std::string way_out;
  };
  const std::vector<Row> rows{
      {"windows before a late start", scenario(R"("window":"1us",)", plain_web, R"("connections":1,"start":"1h")"),
       "at least 3600000001, and a result has at most 500000", R"(a "window" 7201 times as long)"},
      {"windows of a long run",
       scenario(R"("duration":"1h","window":"1us",)", plain_web,
                R"("connections":1000,"arrivals":{"rate":"1/s"},"hold":"1s")"),
       "at least 999000001", R"(shorter "duration")"},
      {"a million sockets of one port", scenario("", sharing(1'000'000), R"("connections":1000)"),
       "1000000 sockets of one host would share a port", R"(make the listener "inherited")"},
      {"one socket of a port too many", scenario("", sharing(65536), R"("connections":1)"),
       "65536 sockets of one host would share a port by \"reuse_port\", and at most 65535", "smaller \"count\""},
      {"two million connections at one time",
       scenario("", plain_web, R"("connections":100000000,"hold":"1h")", "", R"({"nofile":1048576})"),
       "2097152 connections at one time", "--memory"},
      {"a million processes on each of many hosts",
       scenario("", R"({"count":1000000,"listeners":[{"endpoint":"0.0.0.0:443","shared":"inherited"}]})",
                R"("connections":1)", R"("count":1000,)"),
       "processes on", "--memory"},
      {"as many connections as a scenario may have", scenario("", plain_web, R"("connections":100000000)"),
       "more than 100000000 steps", "--steps"},
  };
  const Workplace workplace;
  for (const Row& row : rows) {
    INFO(row.name);
    const std::string file = workplace.file("bounds.json", row.text);
    const Ended ended = run(workplace, {"run", file, "--memory", "512MiB"});
    INFO(ended.errors);
    CHECK(ended.code == 2);
    CHECK(ended.output.empty());
    CHECK(has(ended.errors, file + ": "));
    CHECK(has(ended.errors, row.figure));
    CHECK(has(ended.errors, row.way_out));
  }
}

TEST_CASE("what a host opens at its start fits into its table of files, or the scenario is refused") {
  const Workplace workplace;
  const auto errors = [&](const std::string& text) {
    const Ended ended = run(workplace, {"run", workplace.file("files.json", text)});
    CHECK(ended.code == 2);
    return ended.errors;
  };
  const std::string full = R"("settings":{"fs.file-max":100},)";
  CHECK(has(errors(scenario("", sharing(200), R"("connections":1)", full)), "and with its listeners 800 would be"));
  CHECK(has(errors(scenario("", plain_web, R"("connections":1)",
                            full + R"("held_ports":[{"address":"0.0.0.0","ports":["1000-2000"]}],)")),
            "with those of its processes 1005 would be"));
  // As many as there is room for.
  CHECK(run(workplace, {"run", workplace.file("fits.json", scenario("", sharing(25), R"("connections":1)", full))})
            .code == 0);
}

TEST_CASE("as many addresses as a host may have are found at once, on both sides and in both families") {
  const Workplace workplace;
  const auto many = [](const std::string& first) { return fmt::format(R"([{{"first":"{}","count":65536}}])", first); };
  for (const bool v6 : {false, true}) {
    const std::string to = v6 ? "[2001:db8:1::9]:443" : "10.9.0.9:443";
    const std::string text = fmt::format(
        R"({{"netlimits":1,"name":"addresses","hosts":{{"client":{{"count":20,"addresses":{},"processes":{{"app":{{}}}}}},)"
        R"("server":{{"addresses":{},"processes":{{"web":{{"nofile":100000,"listeners":[{{"endpoint":"{}"}}]}}}}}}}},)"
        R"("workloads":{{"load":{{"from":"client/app","to":["{}"],"connections":10000}}}}}})",
        many(v6 ? "2001:db8::9" : "11.0.0.0"), many(v6 ? "2001:db8:1::9" : "10.9.0.9"), v6 ? "[::]:443" : "0.0.0.0:443",
        to);
    const Ended ended = run(workplace, {"run", workplace.file("addresses.json", text)});
    INFO(ended.errors);
    CHECK(ended.code == 0);
    CHECK(has(ended.output, "holds 10,000 connections"));
    const Ended refused = run(workplace, {"run", workplace.file("addresses.json", text), "--set",
                                          "/hosts/client/count=1000", "--memory", "2GiB"});
    CHECK(refused.code == 2);
    CHECK(has(refused.errors, "addresses), and 2048 MiB are allowed"));
  }
}

TEST_CASE("the most that is allowed is replayed") {
  const Workplace workplace;
  const auto done = [&](const std::string& text) {
    const Ended ended = run(workplace, {"run", workplace.file("most.json", text), "--format", "json"});
    INFO(ended.errors);
    CHECK(ended.code == 0);
    return ended.output;
  };
  done(scenario("", sharing(65535), R"("connections":100)"));
  done(scenario(R"("window":"1us",)", plain_web, R"("connections":1,"start":"499999us")"));
  done(scenario("", R"({"nofile":100,"listeners":[{"endpoint":"0.0.0.0:443"}]})", R"("connections":10)",
                R"("address_stride":1,"count":9999990,)"));
}

// docs/scenario-format.md, "Quantities": each figure there, and one more.
TEST_CASE("what is as large as a scenario may say is taken, and one more is refused") {
  const Workplace workplace;
  const auto one = [](const std::string& workload) {
    return scenario("", plain_web, R"("connections":1,)" + workload);
  };
  const auto connections = [](const std::string& count) {
    return scenario("", plain_web, R"("connections":)" + count);
  };
  const auto hosts = [](const std::string& count) {
    return scenario("", plain_web, R"("connections":1)", fmt::format(R"("address_stride":1,"count":{},)", count));
  };
  const auto instances = [](const std::string& count) {
    return scenario("", R"({"listeners":[{"endpoint":"0.0.0.0:443"}]})", R"("connections":1)", "",
                    fmt::format(R"({{"count":{}}})", count));
  };
  const auto addresses = [&](const std::string& count) {
    std::string text = connections("1");
    const std::string address = R"(["10.0.0.5"])";
    return text.replace(text.find(address), address.size(),
                        fmt::format(R"([{{"first":"11.0.0.0","count":{}}}])", count));
  };
  const auto named = [&](std::size_t letters) {
    std::string text = connections("1");
    return text.replace(text.find("\"load\""), 6, fmt::format(R"("{}")", std::string(letters, 'w')));
  };
  const auto bytes = [&](std::size_t size) {
    std::string text = connections("1");
    return text.insert(1, std::string(size - text.size(), ' '));
  };
  struct Row {
    std::string name;
    std::string most;
    std::string more;
    std::string told;
  };
  const std::vector<Row> rows{
      {"connections", connections("100000000"), connections("100000001"), "100000000"},
      {"hosts", hosts("9999999"), hosts("10000000"), "10000001 hosts in all"},
      {"instances", instances("1000000"), instances("1000001"), "1000000"},
      {"addresses", addresses("65536"), addresses("65537"), "65536"},
      {"retries", one(R"("retry":{"attempts":1000000})"), one(R"("retry":{"attempts":1000001})"), "1000000"},
      {"duration", one(R"("hold":"36500d")"), one(R"("hold":"36501d")"), "36501d"},
      {"rate", one(R"("arrivals":{"rate":"1000000000/s"})"), one(R"("arrivals":{"rate":"1000000001/s"})"),
       "1000000001/s"},
      {"decimals", one(R"("arrivals":{"rate":"0.001/s"})"), one(R"("arrivals":{"rate":"0.0001/s"})"), "decimals"},
      {"name", named(64), named(65), "is no name"},
      {"bytes", bytes(100'000'000), bytes(100'000'001), "100000000 bytes"},
  };
  for (const Row& row : rows) {
    INFO(row.name);
    const Ended most = run(workplace, {"capacity", workplace.file("most.json", row.most)});
    INFO(most.errors);
    CHECK(most.code == 0);
    const Ended more = run(workplace, {"capacity", workplace.file("more.json", row.more)});
    INFO(more.errors);
    CHECK(more.code == 2);
    CHECK(has(more.errors, row.told));
  }
}

// Who asks each of them at each connection needs many minutes.
TEST_CASE("a million processes that share a listener and have no descriptor left are passed over") {
  const Workplace workplace;
  const std::string text = scenario(
      "",
      R"({"count":1000000,"nofile":4,"listeners":[{"endpoint":"0.0.0.0:443","shared":"inherited","backlog":4096}]})",
      R"("connections":4000)", R"("settings":{"net.core.somaxconn":4096},)", R"({"nofile":5000})");
  const Ended ended = run(workplace, {"run", workplace.file("starved.json", text)});
  INFO(ended.errors);
  CHECK(ended.code == 0);
  CHECK(has(ended.output, "4,000"));
  CHECK(has(ended.output, "fd_per_process"));
}

TEST_CASE("a run that does not end by itself is stopped, and told why") {
  const Workplace workplace;
  const std::string forever = workplace.file(
      "forever.json",
      R"({"netlimits":1,"name":"forever","hosts":{"client":{"addresses":["10.0.0.5"],"processes":{"app":{}}},)"
      R"("server":{"addresses":["10.1.0.9"],"settings":{"net.ipv4.tcp_synack_retries":0},)"
      R"("processes":{"web":{"listeners":[{"endpoint":"0.0.0.0:80"}]}}}},)"
      R"("paths":[{"between":["client","server"],"rtt":"100s"}],)"
      R"("workloads":{"load":{"from":"client/app","to":["10.1.0.9:80"],"connections":1,"retry":{"reconnect":true}}}})");
  const Ended stopped = run(workplace, {"run", forever});
  CHECK(stopped.code == 2);
  CHECK(has(stopped.errors, "times, and nothing says that this will end"));
  CHECK(has(stopped.errors, "\"duration\""));

  const Ended ended = run(workplace, {"run", forever, "--set", "/duration=1h"});
  CHECK(ended.code == 0);

  const Ended over = run(workplace, {"run", forever, "--set", "/duration=36500d", "--timeout", "1s"});
  CHECK(over.code == 2);
  CHECK(has(over.errors, "--timeout is over after"));
}

TEST_CASE("a run of too many steps is stopped, and told how many attempts it came to") {
  const Workplace workplace;
  const std::string file = workplace.file(
      "steps.json", scenario("", R"({"listeners":[{"endpoint":"0.0.0.0:80"}]})",
                             R"("connections":1,"no_listener":true,"retry":{"attempts":1000000,"after":"1ms"})"));
  const Ended stopped = run(workplace, {"run", file, "--steps", "100000"});
  CHECK(stopped.code == 2);
  CHECK(has(stopped.errors, "more than 100000 steps"));
  CHECK(has(stopped.errors, "attempts to connect"));
  CHECK(has(stopped.errors, "--steps"));
  // Who says how long it may take has bounded it.
  const std::string many = workplace.file("many.json", scenario("", plain_web, R"("connections":100000000)"));
  const Ended over = run(workplace, {"run", many, "--timeout", "1s"});
  CHECK(over.code == 2);
  CHECK(has(over.errors, "--timeout is over after"));
}

TEST_CASE("as many retries as are allowed, without a pause, leave nothing behind") {
  const Workplace workplace;
  const std::string file =
      workplace.file("retries.json", scenario("", R"({"listeners":[{"endpoint":"0.0.0.0:80"}]})",
                                              R"("connections":2,"no_listener":true,"retry":{"attempts":1000000})"));
  const Ended ended = run(workplace, {"run", file, "--format", "json"}, 100);
  INFO(ended.errors);
  CHECK(ended.code == 0);
  CHECK(has(ended.output, "2000002"));
}

TEST_CASE("--memory moves the bound") {
  const Workplace workplace;
  const std::string file = workplace.file("bounds.json", scenario("", plain_web, R"("connections":1000,"hold":"1h")"));
  CHECK(run(workplace, {"run", file}).code == 0);
  const Ended refused = run(workplace, {"run", file, "--memory", "100KB"});
  CHECK(refused.code == 2);
  CHECK(has(refused.errors, "1000 connections at one time"));
  CHECK(run(workplace, {"run", file, "--memory", "1GiB"}).code == 0);
  CHECK(run(workplace, {"run", file, "--timeout", "soon"}).code == 2);
}

TEST_CASE("an input without an end is cut") {
  const Workplace workplace;
  for (const std::string endless : {"/dev/zero", "/dev/urandom"}) {
    for (const std::string command : {"run", "capacity"}) {
      const Ended ended = run(workplace, {command, endless});
      CHECK(ended.code == 2);
      CHECK(has(ended.errors, endless + ": has no end within 100000000 bytes"));
    }
  }
}

TEST_CASE("a seed of the command line is one that a scenario may have") {
  const Workplace workplace;
  const std::string file = workplace.file("seeded.json", scenario("", plain_web, R"("connections":1)"));
  CHECK(run(workplace, {"run", file, "--seed", "9223372036854775807"}).code == 0);
  for (const std::string seed : {"9223372036854775808", "18446744073709551617", "-1", "1.5", "0x10", ""}) {
    INFO(seed);
    const Ended ended = run(workplace, {"run", file, "--seed", seed});
    CHECK(ended.code == 2);
    CHECK(has(ended.errors, "0 to 9223372036854775807"));
    CHECK(ended.output.empty());
  }
}

}  // namespace netlimits::tests
