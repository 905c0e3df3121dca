// Backwards from what was seen: numbers, errors and messages lead to the limits that give them.
#include "scenarios/diagnosis/diagnosis.hpp"

#include <algorithm>
#include <cstdio>
#include <fstream>
#include <nlohmann/json.hpp>
#include <set>
#include <string>
#include <vector>

#include "scenarios/diagnosis/complaint.hpp"
#include "scenarios/knowledge/knowledge.hpp"
#include "tests/catch.hpp"

using namespace netlimits;
using nlohmann::json;
using scenarios::CauseBook;
using scenarios::Complaint;
using scenarios::During;
using scenarios::Explained;

namespace {

const CauseBook& book() { return scenarios::cause_book(); }

std::vector<Explained> diagnosed(const Complaint& complaint) {
  return scenarios::diagnose(complaint, scenarios::ProfileSet::built_in(), book());
}

Complaint of_count(std::string_view count, std::string os = {}) {
  Complaint complaint;
  complaint.count = scenarios::parse_count(count);
  REQUIRE(complaint.count);
  complaint.os = std::move(os);
  return complaint;
}

Complaint of_error(std::string_view error, std::string os = {}) {
  Complaint complaint;
  complaint.error = scenarios::understand_error(error, book());
  if (complaint.error->figure) complaint.count = scenarios::parse_count(std::to_string(*complaint.error->figure));
  complaint.os = std::move(os);
  return complaint;
}

bool is_cause(const Explained& one, const std::string& name) {
  return one.cause->name == name || (one.cause->limit && name_of(*one.cause->limit) == name);
}

// From 1; 0: it is not among them.
std::size_t rank_of(const std::string& name, const std::vector<Explained>& causes) {
  for (std::size_t i = 0; i < causes.size(); ++i) {
    if (is_cause(causes[i], name)) return i + 1;
  }
  return 0;
}

bool says_figure(const Explained& one, std::uint64_t figure) {
  return std::any_of(one.evidence.begin(), one.evidence.end(),
                     [&](const scenarios::Evidence& evidence) { return evidence.figure == figure; });
}

}  // namespace

TEST_CASE("a number leads to the limit whose figure it is, or that it is a little less than") {
  struct Row {
    const char* count;
    const char* os;
    const char* limit;
    std::uint64_t figure;
  };
  for (const Row& row : {Row{"28232", "linux", "ephemeral_ports", 28232},       // 60999 - 32768 + 1
                         Row{"28,231", "linux", "ephemeral_ports", 28232},      // one is held
                         Row{"28233", "linux-4.1", "ephemeral_ports", 28233},   // its range ended at 61000
                         Row{"16372", "windows", "ephemeral_ports", 16384},     // 12 are held
                         Row{"16383", "macos", "ephemeral_ports", 16383},       // never 55555
                         Row{"55536", "freebsd", "ephemeral_ports", 55536},     // from 10000
                         Row{"3976", "windows", "ephemeral_ports", 3976},       // 1025 to 5000
                         Row{"14116", "linux", "ephemeral_ports", 14116},       // two ports each
                         Row{"64512", "linux", "ephemeral_ports", 64512},       // from 1024 on
                         Row{"56464", "linux", "ephemeral_ports", 56464},       // two addresses
                         Row{"1013", "linux", "fd_per_process", 1021},          // 1,024 less 11 in all
                         Row{"1021", "linux", "fd_per_process", 1021},          // 1,024 less 3
                         Row{"253", "macos", "fd_per_process", 253},            // 256 less 3
                         Row{"512", "linux", "listen_backlog", 512},            // 511 + 1
                         Row{"129", "linux", "listen_backlog", 129},            // 128 + 1
                         Row{"55000", "linux", "nat_ports", 55000},             // of an AWS gateway
                         Row{"64", "linux", "nat_block", 64},                   // of Google Cloud NAT
                         Row{"262144", "linux", "conntrack_entries", 262144},   // as the kernel chooses
                         Row{"786432", "linux", "conntrack_entries", 786432}})  // 32,768 for each of 24
  {
    const auto causes = diagnosed(of_count(row.count, row.os));
    CAPTURE(row.count, row.os, row.limit);
    REQUIRE_FALSE(causes.empty());
    CHECK(rank_of(row.limit, causes) == 1);
    CHECK(std::any_of(causes.begin(),
                      causes.begin() + static_cast<std::ptrdiff_t>(std::min<std::size_t>(3, causes.size())),
                      [&](const Explained& one) { return is_cause(one, row.limit) && says_figure(one, row.figure); }));
  }
}

TEST_CASE("without a system each number is looked for on all of them") {
  CHECK(diagnosed(of_count("28233")).front().profile.starts_with("linux-"));
  const auto causes = diagnosed(of_count("55536"));
  const std::size_t rank = rank_of("automatic-ports", causes);
  REQUIRE(rank != 0);
  CHECK(causes[rank - 1].profile == "freebsd");
  CHECK(diagnosed(of_error("WSAENOBUFS")).front().system == "windows");
}

TEST_CASE("what programs, kernels and clouds say leads to the limit that they mean") {
  for (const auto& [message, cause] : std::vector<std::pair<const char*, const char*>>{
           {"worker_connections are not enough", "proxy_connections"},
           {"2026/11/30 [alert] 7#7: 768 worker_connections are not enough", "proxy_connections"},
           {"accept4: too many open files; retrying in 5ms", "fd_per_process"},
           {"Too many open files in system", "fd_per_host"},
           {"ErrorPortAllocation", "nat_ports"},
           {"WSAENOBUFS", "ephemeral_ports"},
           {"10055", "ephemeral_ports"},
           {"SNAT port exhaustion", "nat_block"},
           {"kernel: nf_conntrack: table full, dropping packet", "conntrack_entries"},
           {"TCP: request_sock_TCP: Possible SYN flooding on port 443. Sending cookies.", "syn_backlog"},
           {"TCP: out of memory -- consider tuning tcp_mem", "memory"},
           {"TCP: too many orphaned sockets", "orphans"},
           {"TCP: time wait bucket table overflow", "time_wait_buckets"},
           {"cgroup: fork rejected by pids controller in /docker/1", "processes"},
           {"bind: Address already in use", "port_in_use"},
           {"connect: Cannot assign requested address", "ephemeral_ports"},
           {"[Errno 99] Cannot assign requested address", "ephemeral_ports"},
           {"connect() failed (111: Connection refused)", "no_listener"},
           {"FATAL: sorry, too many clients already", "clients-of-a-program"},
           {"EMFILE", "fd_per_process"},
           {"ENFILE", "fd_per_host"}}) {
    CAPTURE(message);
    CHECK(rank_of(cause, diagnosed(of_error(message))) == 1);
  }
}

TEST_CASE("silence leads to what drops without a word, and under idleness to what forgets") {
  const auto silent = diagnosed(of_error("silence", "linux"));
  for (const char* limit : {"listen_backlog", "conntrack_entries", "nat_ports", "nat_block", "no_route"}) {
    CAPTURE(limit);
    CHECK(rank_of(limit, silent) != 0);
    CHECK(rank_of(limit, silent) <= 8);
  }
  CHECK(rank_of("fd_per_host", silent) == 0);
  Complaint idle = of_error("ECONNRESET", "linux");
  idle.during = During::idle;
  CHECK(diagnosed(idle).front().cause->name == "idle-forgotten");
}

TEST_CASE("a rate leads to the ports over the time that TIME_WAIT lasts") {
  Complaint complaint = of_error("EADDRNOTAVAIL", "linux");
  complaint.rate = scenarios::parse_count("470");
  CHECK(diagnosed(complaint).front().cause->limit == Limit::ephemeral_ports);
  CHECK(says_figure(diagnosed(complaint).front(), 28232 / 60));
}

TEST_CASE("what is full on the machine in question is likelier, and its own figures count") {
  Complaint complaint = of_error("silence", "linux");
  const std::size_t before = rank_of("conntrack_entries", diagnosed(complaint));
  complaint.use = {{Limit::conntrack_entries, "machine", 65536, 65536}, {Limit::listen_backlog, "machine", 511, 3}};
  const auto causes = diagnosed(complaint);
  CHECK(before > 1);
  CHECK(rank_of("conntrack_entries", causes) == 1);
  CHECK(causes.front().use->used == 65536);

  Complaint narrow = of_count("1000", "linux");
  Settings settings = scenarios::ProfileSet::built_in().find("linux")->settings;
  settings.local_port_range = {Port{40000}, Port{40999}};
  CHECK(rank_of("automatic-ports", diagnosed(narrow)) != 1);
  narrow.machine = scenarios::SeenFigures{.settings = settings};
  CHECK(diagnosed(narrow).front().cause->name == "automatic-ports");
}

TEST_CASE("numbers are read as people tell them") {
  const auto range_of = [](const char* text) {
    const auto told = scenarios::parse_count(text);
    return told ? std::pair(told->least, told->most) : std::pair<std::uint64_t, std::uint64_t>(1, 0);
  };
  using Pair = std::pair<std::uint64_t, std::uint64_t>;
  CHECK(range_of("28232") == Pair{28232, 28232});
  CHECK(range_of("28,232") == Pair{28232, 28232});
  CHECK(range_of("28000") == Pair{27500, 28500});
  CHECK(range_of("~28232") == Pair{27668, 28796});
  CHECK(range_of("64k") == Pair{63500, 65536});
  CHECK(range_of("20000..30000") == Pair{20000, 30000});
  for (const char* wrong : {"", "many", "-1", "1e5", "5..3", "1.5", "k", "99999999999999999999"}) {
    CAPTURE(wrong);
    CHECK_FALSE(scenarios::parse_count(wrong));
  }
}

TEST_CASE("a number in a message is an error's only where it says so") {
  CHECK(scenarios::understand_error("errno 99", book()).errors == std::set<std::string>{"EADDRNOTAVAIL"});
  CHECK(scenarios::understand_error("os error 24", book()).errors == std::set<std::string>{"EMFILE"});
  CHECK(scenarios::understand_error("10048", book()).errors == std::set<std::string>{"WSAEADDRINUSE"});
  CHECK_FALSE(scenarios::understand_error("99 bottles", book()).understood());
  CHECK(scenarios::understand_error("file-max limit 51200 reached", book()).figure == 51200);
}

TEST_CASE("each formula has a value somewhere, each cause what tells it and what helps") {
  const auto& profiles = scenarios::ProfileSet::built_in();
  for (const scenarios::Cause& cause : book().causes) {
    CAPTURE(cause.name);
    for (const auto* list : {&cause.counts, &cause.rates}) {
      for (const scenarios::CountFormula& count : *list) {
        CAPTURE(count.formula.text());
        const auto names = profiles.names();
        CHECK(std::any_of(names.begin(), names.end(), [&](const std::string& name) {
          return !scenarios::KnownSystem(*profiles.find(name), book()).worth_of(count.formula).empty();
        }));
      }
    }
    CHECK_FALSE(cause.tell.empty());
    for (const std::string& message : cause.messages) {
      CAPTURE(message);
      std::string seen = message;
      if (const std::size_t hash = seen.find('#'); hash != std::string::npos) seen[hash] = '7';
      CHECK(scenarios::understand_error(seen, book()).causes.contains(cause.name));
    }
  }
}

TEST_CASE("a file of causes that is wrong is refused with its place") {
  const auto wrong = [](const std::string& cause) {
    std::string text = R"({"netlimits_diagnosis":1,"causes":{"x":)";
    text.append(cause).append("}}");
    const auto read = scenarios::read_causes(text, "x.json", {});
    return read ? std::string() : scenarios::text_of(read.error());
  };
  const std::string good =
      R"({"limit":"memory","where":"a","what":"b","usual":1,"tell":{},"source":"s","confidence":"measured")";
  CHECK(wrong(good + "}").empty());
  CHECK_THAT(wrong(good + R"(,"counts":[{"formula":"1 +","why":"w"}]})"),
             Catch::Matchers::Contains("/causes/x/counts/0/formula"));
  CHECK_THAT(wrong(good + R"(,"errors":["@no_figure"]})"), Catch::Matchers::Contains("/causes/x/errors/0"));
  CHECK_THAT(wrong(good + R"(,"remedys":{}})"), Catch::Matchers::Contains("remedy"));
}

TEST_CASE("of the field cases four in five have their cause named first, and nineteen in twenty within three") {
  std::ifstream file(std::string(NETLIMITS_SOURCE_DIR) + "/tests/scenarios/field_cases.json");
  const json cases = json::parse(file).at("field_cases");
  std::size_t asked = 0;
  std::size_t first = 0;
  std::size_t within_three = 0;
  std::printf("rank  case                       cause                 named first\n");
  for (const json& one : cases) {
    // Each is asked, or says why it cannot be.
    REQUIRE(one.contains("asked") != one.contains("not_asked"));
    if (!one.contains("asked")) continue;
    const json& ask = one.at("asked");
    const std::string os = ask.value("os", "");
    Complaint complaint =
        ask.contains("error") ? of_error(ask.at("error").get<std::string>(), os) : Complaint{.os = os};
    if (ask.contains("count")) complaint.count = scenarios::parse_count(ask.at("count").get<std::string>());
    if (ask.contains("rate")) complaint.rate = scenarios::parse_count(ask.at("rate").get<std::string>());
    if (ask.value("during", "") == "load") complaint.during = During::load;
    const auto causes = diagnosed(complaint);
    const std::string cause = one.at("cause").get<std::string>();
    const std::size_t rank = rank_of(cause, causes);
    ++asked;
    first += rank == 1 ? 1 : 0;
    within_three += rank >= 1 && rank <= 3 ? 1 : 0;
    std::printf("%4zu  %-25s  %-20s  %s\n", rank, one.at("name").get<std::string>().c_str(), cause.c_str(),
                causes.front().cause->name.c_str());
  }
  std::printf("%zu of %zu first, %zu within three\n", first, asked, within_three);
  CHECK(asked >= 40);
  CHECK(first * 100 >= asked * 80);
  CHECK(within_three * 100 >= asked * 95);
}
