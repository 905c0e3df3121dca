// Scenarios to begin with, and answers without a file.
#include <nlohmann/json.hpp>
#include <string>

#include "tests/catch.hpp"
#include "tests/cli/shell.hpp"

using netlimits::tests::Said;
using nlohmann::json;

namespace {

// In a shell, with $N the program and $T an empty directory of its own.
Said typed(const std::string& words) {
  return netlimits::tests::said_by(std::string("cd '") + NETLIMITS_SOURCE_DIR + "' && N='" + NETLIMITS_PROGRAM +
                                   "' && T=$(mktemp -d) && trap 'rm -rf \"$T\"' EXIT && { " + words + "; } 2>&1");
}

bool begins(const Said& said, const std::string& with) { return said.text.starts_with(with); }

}  // namespace

TEST_CASE("each case is a scenario with claims, without a warning, and holds") {
  for (const std::string name : {"balancer", "database-pool", "outbound", "scraper", "service"}) {
    CAPTURE(name);
    const Said begun = typed("$N init --case " + name);
    CHECK(begun.code == 0);
    const json made = json::parse(begun.text);
    CHECK(made.at("name") == name);
    CHECK_THAT(made.at("description").get<std::string>(),
               Catch::Matchers::Contains("change ", Catch::CaseSensitive::No) ||
                   Catch::Matchers::Contains("change:", Catch::CaseSensitive::No));
    CHECK(made.at("expect").size() > 1);
    const Said ran = typed("$N init --case " + name + " | $N run - --format json");
    CHECK(ran.code == 0);
    CHECK(json::parse(ran.text).at("verdict") == "holds");
    CHECK(typed("$N init --case " + name + " | $N capacity -").code == 0);
  }
  // The list in the help is the list that there is.
  CHECK_THAT(typed("$N init --help").text,
             Catch::Matchers::Contains("balancer, database-pool, outbound, scraper, service"));
  CHECK(typed("$N init").text == typed("$N init --case service").text);
  CHECK(typed("$N init --output $T/x && $N run $T/x").code == 0);
}

TEST_CASE("a case that does not exist is answered with the nearest one") {
  const Said said = typed("$N init --case servce");
  CHECK(said.code == 2);
  CHECK(said.text == "netlimits: no case \"servce\"; did you mean service?\n");
}

TEST_CASE("a measured host becomes the client of a scenario") {
  const std::string probe = "$N probe --from tests/scenarios/collected/web-server --format json";
  const Said ran = typed(probe + " | $N init --host - --to 10.1.0.9:5432 | $N run - 2>/dev/null");
  CHECK(ran.code == 0);
  // As many as the probe itself says are left.
  CHECK(begins(ran, "holds 998 connections; breaks first at ephemeral_ports (machine 10.1.0.1 -> 10.1.0.9:5432, "));
  CHECK(typed(probe + " | $N init --host - --to '[2001:db8::9]:5432' --output $T/x && $N capacity $T/x").code == 0);
  struct Row {
    const char* words;
    const char* why;
  };
  for (const Row& row :
       {Row{"echo '{\"processes\": {}}' | $N init --host -", "<stdin>: expected a host with a process"},
        Row{"echo 5 | $N init --host -", "expected a host with a process, found 5"},
        Row{"echo '{\"processes\": {\"a\": {}}}' | $N init --host - --to x", "--to: expected an address and a port"},
        Row{"echo '{\"processes\": {\"a\": {}}, \"x\": 1}' | $N init --host -", "/hosts/machine/x: expected a key"},
        Row{"$N init --host no-such.json", "no-such.json: no such file"},
        Row{"$N init --host - --case service", "excludes"}, Row{"$N init --to 10.0.0.1:1", "requires"}}) {
    CAPTURE(row.words);
    const Said said = typed(row.words);
    CHECK(said.code == 2);
    CHECK_THAT(said.text, Catch::Matchers::Contains(row.why));
  }
}

TEST_CASE("capacity and run answer without a file") {
  const std::string options = " --clients 3 --to 2 --port 443 --nofile 65535 --rate 500/s --hold 2s";
  const Said capacity = typed("$N capacity" + options);
  CHECK(capacity.code == 0);
  CHECK(begins(capacity, "holds 1,000 connections; nothing breaks; first above "));
  CHECK(begins(typed("$N run" + options), "holds 1,000 connections; nothing breaks; first above "));
  CHECK(begins(typed("$N capacity --nofile 200000"), "holds 28,232 connections; breaks first at ephemeral_ports "));
  CHECK(begins(typed("$N capacity --nofile 200000 --to 300 --connections 1000"), "holds 1,000 connections; "));
  CHECK(begins(typed("$N capacity --os windows --range '' --connections 20000"), "holds 16,384 connections; "));
  CHECK(begins(typed("$N capacity --nofile 70000 --range '1024 65535'"), "holds 64,512 connections; "));
}

TEST_CASE("--print writes the scenario that the options make, and the answer is the same from it") {
  const std::string options = " --clients 3 --to 2 --rate 10/s --hold 2s --rtt 1ms --backlog 9 --range '1024 65535'";
  const json made = json::parse(typed("$N capacity --print" + options).text);
  CHECK(made.at("description") ==
        "netlimits capacity --clients 3 --to 2 --rate 10/s --hold 2s --backlog 9 --rtt 1ms "
        "--range '1024 65535'");
  CHECK(made.at("workloads").at("load").at("connections") == 1200);
  CHECK(made.at("workloads").at("load").at("to") == json{"172.16.0.1:443", "172.16.0.2:443"});
  CHECK(made.at("hosts").at("server").at("processes").at("web").at("listeners").at(0).at("backlog") == 9);
  const Said from_file = typed("$N run --print" + options + " --output $T/x && $N run $T/x --format json");
  CHECK(from_file.code == 0);
  CHECK(from_file.text == typed("$N run --format json" + options).text);
  CHECK(json::parse(typed("$N run --print --clients 2 --set /seed=7").text).at("seed") == 7);
}

TEST_CASE("options that make no scenario end with 2 and say which") {
  struct Row {
    const char* words;
    const char* why;
  };
  for (const Row& row :
       {Row{"$N capacity --rate 5x", "options:"}, Row{"$N capacity --rate 5x", "/workloads/load/arrivals/rate"},
        Row{"$N capacity --hold soon", "/workloads/load/hold: expected"}, Row{"$N run --clients 0", "--clients"},
        Row{"$N run --to 70000", "--to"}, Row{"$N run --os plan9", "/profile"},
        Row{"$N run scenarios/four-tuple.json --clients 3", "either names a file or makes a scenario"},
        Row{"$N run --print scenarios/four-tuple.json", "--print"}, Row{"$N run", "a scenario file, or options"},
        Row{"$N capacity", "a scenario file, or options"}, Row{"$N run --seed 3", "a scenario file, or options"},
        Row{"$N run --clients 3 --set /nothing=1", "expected a key of a scenario"}}) {
    CAPTURE(row.words);
    const Said said = typed(row.words);
    CHECK(said.code == 2);
    CHECK_THAT(said.text, Catch::Matchers::Contains(row.why));
  }
}
