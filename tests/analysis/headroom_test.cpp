// One machine, changed in one thing at a time: which limit has the least left.
#include "analysis/headroom/headroom.hpp"

#include <algorithm>
#include <string>

#include "model/machine/machine_host.hpp"
#include "tests/analysis/worlds.hpp"
#include "tests/catch.hpp"

using namespace netlimits;
using namespace netlimits::analysis;

namespace {

// 10.0.0.5 and 10.0.0.6, 100 automatic ports, a program with 64 descriptors, nothing in use.
Machine machine() {
  Machine made;
  made.source = "this machine";
  made.kernel = "6.18.0";
  made.profile = linux_profile();
  made.settings = {{"net.ipv4.ip_local_port_range", "40000 40099"}, {"fs.file-max", "1000"}};
  made.addresses = {*AddressBlock::parse("10.0.0.5/24"), *AddressBlock::parse("10.0.0.6/24")};
  made.sockets.emplace();
  made.bound_sockets_seen = true;
  made.process.nofile_soft = made.process.nofile_hard = 64;
  made.open_files = 100;
  return made;
}

void connect(Machine& made, const char* local, const char* remote, TcpState state = TcpState::established) {
  made.sockets->push_back({.state = state, .tuple = {*Endpoint::parse(local), *Endpoint::parse(remote)}});
}

void listen(Machine& made, const char* local) {
  made.sockets->push_back({.state = TcpState::listen,
                           .tuple = {*Endpoint::parse(local), {IpAddress::any(Family::inet), Port{0}}},
                           .backlog = 128});
}

const Endpoint web_server = *Endpoint::parse("10.1.0.9:443");

Headroom left(const Machine& made, const std::optional<Endpoint>& to = web_server) {
  return headroom(made, host_of(made), to);
}

const HeadroomRow* row_of(const Headroom& found, Limit limit) {
  const auto row =
      std::find_if(found.rows.begin(), found.rows.end(), [&](const HeadroomRow& one) { return one.limit == limit; });
  return row == found.rows.end() ? nullptr : &*row;
}

bool mentions(const std::vector<std::string>& sentences, const std::string& words) {
  return std::any_of(sentences.begin(), sentences.end(),
                     [&](const std::string& sentence) { return sentence.find(words) != std::string::npos; });
}

}  // namespace

TEST_CASE("what binds first is the limit with the least left for one program") {
  Machine made = machine();
  const Headroom fresh = left(made);
  CHECK(fresh.answer.capacity == Interval::exactly(61));
  CHECK(fresh.answer.binding.at(0).limit == Limit::fd_per_process);
  CHECK(row_of(fresh, Limit::fd_per_process)->binds_first);
  CHECK(fresh.answer.ladder.at(0).capacity == Interval::exactly(100));

  for (int port = 40000; port < 40060; ++port)
    connect(made, ("10.0.0.5:" + std::to_string(port)).c_str(), "10.1.0.9:443");
  const Headroom busy = left(made);
  CHECK(busy.answer.capacity == Interval::exactly(40));
  CHECK(row_of(busy, Limit::ephemeral_ports)->binds_first);
  CHECK(row_of(busy, Limit::ephemeral_ports)->capacity == 100U);
  CHECK(row_of(busy, Limit::ephemeral_ports)->used == 60U);
  CHECK_FALSE(row_of(busy, Limit::fd_per_process)->binds_first);
  REQUIRE(busy.destinations.size() == 1);
  CHECK(busy.destinations[0].open == 60);
  CHECK(busy.destinations[0].headroom == Interval::exactly(40));
  // Ports that were bound would be gone towards every destination.
  CHECK_FALSE(busy.least);
  const Headroom other = left(made, *Endpoint::parse("10.1.0.9:444"));
  CHECK(other.answer.capacity == Interval::exactly(61));
  CHECK(other.least == 40U);

  made.open_files = 990;
  const Headroom crowded = left(made);
  CHECK(crowded.answer.capacity == Interval::exactly(10));
  CHECK(row_of(crowded, Limit::fd_per_host)->binds_first);
}

TEST_CASE("each address of the family has ports of its own, and only the first is used without bind()") {
  Machine made = machine();
  connect(made, "10.0.0.6:40000", "10.1.0.9:443");
  const Headroom found = left(made);
  REQUIRE(found.sources.size() == 2);
  CHECK(found.sources[0].chosen);
  CHECK(found.sources[0].headroom == Interval::exactly(100));
  CHECK_FALSE(found.sources[1].chosen);
  CHECK(found.sources[1].headroom == Interval::exactly(99));
}

TEST_CASE("connection tracking binds where its table has less left, and only where it is in use") {
  Machine made = machine();
  made.conntrack_max = 1000;
  made.conntrack_entries = 0;
  CHECK(left(made).answer.capacity == Interval::exactly(61));
  made.conntrack_entries = 980;
  const Headroom found = left(made);
  CHECK(found.answer.capacity == Interval::exactly(20));
  CHECK(found.answer.binding.at(0).limit == Limit::conntrack_entries);
  CHECK(found.answer.ladder.at(0).binding.at(0).limit == Limit::fd_per_process);
  CHECK(row_of(found, Limit::conntrack_entries)->binds_first);
  made.conntrack_entries = 920;
  const Headroom later = left(made);
  CHECK(later.answer.capacity == Interval::exactly(61));
  CHECK(later.answer.ladder.at(0).capacity == Interval::exactly(80));
  CHECK(later.answer.ladder.at(0).binding.at(0).limit == Limit::conntrack_entries);
}

TEST_CASE("the tightest control group counts, as an estimate that is said but does not bind") {
  Machine made = machine();
  made.cgroup_memory = {{"/a/b", std::nullopt, 5}, {"/a", 1'000'000, 900'000}, {"/", 2'000'000, 950'000}};
  made.cgroup_processes = {{"/a/b", 10, 3}};
  const Headroom found = left(made);
  const HeadroomRow* memory = row_of(found, Limit::memory);
  REQUIRE(memory != nullptr);
  CHECK(memory->where() == "machine control group /a");
  CHECK(memory->headroom() == 100'000U);
  CHECK(memory->estimated);
  CHECK(memory->connections == 25U);
  CHECK_FALSE(memory->binds_first);
  CHECK(mentions(found.notes, "room for about 25 idle connections"));
  CHECK(found.answer.capacity == Interval::exactly(61));
  CHECK(row_of(found, Limit::processes)->headroom() == 7U);
}

TEST_CASE("a destination on the machine itself is who listens there; where nobody does, nothing fits") {
  Machine made = machine();
  listen(made, "127.0.0.1:6379");
  listen(made, "10.0.0.5:80");
  connect(made, "127.0.0.1:40000", "127.0.0.1:6379");
  const Headroom loop = left(made, *Endpoint::parse("127.0.0.1:6379"));
  CHECK(loop.answer.capacity == Interval::exactly(61));
  CHECK(loop.answer.ladder.at(0).capacity == Interval::exactly(99));
  CHECK(mentions(loop.notes, "is on this machine"));
  CHECK(left(made, *Endpoint::parse("10.0.0.5:80")).answer.capacity == Interval::exactly(61));
  // One of its own file table serves both ends.
  made.open_files = 995;
  const Headroom crowded = left(made, *Endpoint::parse("127.0.0.1:6379"));
  CHECK(crowded.answer.capacity == Interval::exactly(2));
  CHECK(row_of(crowded, Limit::fd_per_host)->connections == 2U);
  CHECK(row_of(crowded, Limit::fd_per_host)->binds_first);
  made.open_files = 100;
  const Headroom nobody = left(made, *Endpoint::parse("127.0.0.1:6380"));
  CHECK(nobody.answer.capacity == Interval::exactly(0));
  CHECK(nobody.answer.binding.at(0).limit == Limit::no_listener);
  CHECK(left(made, *Endpoint::parse("10.0.0.6:80")).answer.binding.at(0).limit == Limit::no_listener);
}

TEST_CASE("without a destination the question is about one that nobody is connected to") {
  Machine made = machine();
  for (int port = 40000; port < 40090; ++port)
    connect(made, ("10.0.0.5:" + std::to_string(port)).c_str(), "198.51.100.1:443");
  const Headroom found = left(made, std::nullopt);
  CHECK(found.answer.capacity == Interval::exactly(61));
  CHECK(found.answer.ladder.at(0).binding.at(0).place.text() == "machine 10.0.0.5 -> any one destination");
  made.addresses = {*AddressBlock::parse("2001:db8::5/64")};
  made.sockets->clear();
  const Headroom six = left(made, std::nullopt);
  CHECK(six.sources.at(0).from.text() == "2001:db8::5");
  CHECK(six.answer.ladder.at(0).capacity == Interval::exactly(100));
}

TEST_CASE("what is not known is not counted, and the answer says so") {
  Machine made = machine();
  made.process.runs = true;
  made.process.id = 7;
  made.process.name = "web";
  made.open_files.reset();
  made.sockets.reset();
  const Headroom found = left(made);
  CHECK_FALSE(row_of(found, Limit::fd_per_process)->used);
  // At most so many, by what a program begins with: the answer, and the table with it.
  CHECK(row_of(found, Limit::fd_per_process)->connections == 61U);
  CHECK(row_of(found, Limit::fd_per_process)->binds_first);
  CHECK_FALSE(row_of(found, Limit::fd_per_host)->connections);
  CHECK_FALSE(row_of(found, Limit::ephemeral_ports)->used);
  CHECK_FALSE(row_of(found, Limit::time_wait_buckets)->used);
  CHECK(mentions(found.notes, "what web has open is not determined"));
  CHECK(mentions(found.notes, "the sockets are not determined"));
  CHECK(row_of(found, Limit::orphans)->from_profile);
  CHECK_FALSE(row_of(found, Limit::fd_per_host)->from_profile);
}

TEST_CASE("sockets are counted by state, and by destination with what may be taken over") {
  Machine made = machine();
  made.settings["net.ipv4.tcp_tw_reuse"] = "1";
  listen(made, "0.0.0.0:80");
  connect(made, "10.0.0.5:80", "192.0.2.1:50000");
  connect(made, "10.0.0.5:40000", "10.1.0.9:443");
  for (const auto& [port, left_seconds] : {std::pair{40002, 60}, {40004, 58}, {40006, 1}}) {
    made.sockets->push_back(
        {.state = TcpState::time_wait,
         .entry = true,
         .tuple = {{*IpAddress::parse("10.0.0.5"), Port{static_cast<std::uint16_t>(port)}}, web_server},
         .ends_after = std::chrono::seconds(left_seconds)});
  }
  const Headroom found = left(made);
  REQUIRE(found.sockets.size() == 3);
  CHECK(found.sockets[0].state == TcpState::listen);
  CHECK(found.sockets[1].all == 2);
  CHECK(found.sockets[2].all == 3);
  REQUIRE(found.destinations.size() == 1);
  CHECK(found.destinations[0].open == 1);
  CHECK(found.destinations[0].ended == 3);
  CHECK(found.destinations[0].takeover == 2);
  CHECK(found.destinations[0].headroom == Interval::exactly(98));
  CHECK(row_of(found, Limit::time_wait_buckets)->used == 3U);
}

TEST_CASE("accept queues with somebody in them are shown with their room") {
  Machine made = machine();
  listen(made, "0.0.0.0:80");
  made.sockets->back().queued = 7;
  listen(made, "0.0.0.0:81");
  const Headroom found = left(made);
  const HeadroomRow* row = row_of(found, Limit::listen_backlog);
  REQUIRE(row != nullptr);
  CHECK(row->place.text() == "machine 0.0.0.0:80");
  CHECK(row->used == 7U);
  CHECK(row->capacity == 129U);
}
