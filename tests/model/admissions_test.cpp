// What admits a connection, asked of the tables alone: no Host, no packet, no clock.
#include <memory>
#include <optional>
#include <vector>

#include "model/ports/port_space.hpp"
#include "model/tcp/listen_queues.hpp"
#include "model/tcp/time_wait_buckets.hpp"
#include "tests/catch.hpp"

using namespace netlimits;

namespace {

std::shared_ptr<const HostConfig> with(const Settings& settings) {
  auto config = std::make_shared<HostConfig>();
  config->settings = settings;
  return config;
}

struct Tables {
  explicit Tables(const Settings& settings) : configuration(with(settings)) {}

  Configuration configuration;
  RuleAccount account{configuration.rules()};
  SocketTable sockets;
  ProcessTable processes;
  PortSpace ports{configuration, processes, sockets};
  ProcessId process = processes.add({.name = "p", .nofile = 5});  // 3 of its own and 2 sockets

  static Destination to(std::uint16_t port) {
    return {AddressBits::v4(0x0a000001U), AddressBits::v4(0x0a000002U), port};
  }

  // A connection to the port of the one destination; nothing when there is no port for it.
  std::optional<SocketIndex> connection(std::uint16_t port, SimTime now = time_zero) {
    const SocketIndex index = sockets.create();
    SocketRecord& record = sockets[index];
    const Destination where = to(port);
    record.local = where.local;
    const auto chosen = ports.choose_for_connect(record, where, {}, now, account);
    if (!chosen) {
      sockets.destroy(index);
      return std::nullopt;
    }
    if (const SocketIndex entry = ports.holder(record, where, chosen->value); entry != no_socket) end(entry);
    record.remote = where.remote;
    record.remote_port = port;
    record.local_port = chosen->value;
    record.state = TcpState::established;
    record.timestamps = true;
    record.connect_bound = true;
    ports.join(index, chosen->value);
    ports.enter_tuple(index);
    return index;
  }
  void begin_time_wait(SocketIndex index, SimTime now) {
    sockets[index].state = TcpState::time_wait;
    sockets[index].since = now;
    ports.time_wait_began(index);
  }
  void end(SocketIndex index) {
    ports.leave_tuple(index);
    ports.release(index);
    sockets.destroy(index);
  }
};

Settings four_ports() {
  Settings settings;
  settings.local_port_range = {Port{40000}, Port{40003}};
  settings.time_wait_reuse = TimeWaitReuse::always;
  return settings;
}

}  // namespace

TEST_CASE("a port is admitted once for a destination, again for another, and again when its entry may be taken over") {
  Tables tables(four_ports());
  std::vector<SocketIndex> open;
  for (int i = 0; i < 4; ++i) open.push_back(tables.connection(443).value());
  CHECK_FALSE(tables.connection(443));
  CHECK(tables.connection(80));
  tables.end(open[0]);
  open[0] = tables.connection(443).value();
  CHECK_FALSE(tables.connection(443));
  tables.begin_time_wait(open[0], time_zero);
  CHECK_FALSE(tables.connection(443, time_zero + std::chrono::milliseconds(999)));
  CHECK(tables.connection(443, time_zero + std::chrono::seconds(1)));
  CHECK_FALSE(tables.connection(443, time_zero + std::chrono::seconds(1)));
}

TEST_CASE("a port that bind() took is not admitted for connect(), and is again when it is given back") {
  Tables tables(four_ports());
  const SocketIndex owner = tables.sockets.create();
  tables.sockets[owner].local = AddressBits::v4(0);
  REQUIRE(tables.ports.take(owner, 40001, {}, Rule::bind_automatic_port, tables.account));
  for (int i = 0; i < 3; ++i) CHECK(tables.connection(443));
  CHECK_FALSE(tables.connection(443));
  tables.ports.release(owner);
  CHECK(tables.connection(443));

  const SocketIndex late = tables.sockets.create();
  tables.sockets[late].local = AddressBits::v4(0);
  const auto refused = tables.ports.take(late, 40001, {}, Rule::bind_automatic_port, tables.account);
  REQUIRE_FALSE(refused);
  CHECK(refused.error() == Refusal{Error::eaddrinuse, Limit::port_in_use, Rule::bind_conflict});
  const auto none = tables.ports.take(late, 0, {}, Rule::bind_automatic_port, tables.account);
  REQUIRE_FALSE(none);
  CHECK(none.error().limit == Limit::ephemeral_ports);
}

TEST_CASE("a question about ports changes nothing, and what it meets goes into the account that it brings") {
  Tables tables(four_ports());
  for (int i = 0; i < 4; ++i) REQUIRE(tables.connection(443));
  const RuleSet before = tables.account.reached();
  const SocketIndex asking = tables.sockets.create();
  tables.sockets[asking].local = Tables::to(443).local;
  RuleAccount asked(tables.configuration.rules());
  CHECK(tables.ports.possible_for_connect(tables.sockets[asking], Tables::to(443), time_zero, asked).ports.empty());
  CHECK(tables.ports.possible_for_connect(tables.sockets[asking], Tables::to(80), time_zero, asked).ports.size() == 2);
  CHECK(asked.reached().has(Rule::connect_skips_four_tuple));
  CHECK(tables.account.reached() == before);
}

TEST_CASE("a descriptor is admitted up to the process's limit, and a shared one is one file") {
  Tables tables(Settings{});
  const Settings settings;
  const Rules rules;
  const SocketIndex first = tables.sockets.create();
  const SocketIndex second = tables.sockets.create();
  for (const SocketIndex socket : {first, second}) {
    REQUIRE_FALSE(tables.processes.refusal(tables.process, settings, rules));
    tables.processes.take(tables.sockets[socket], tables.process);
  }
  CHECK(tables.processes.refusal(tables.process, settings, rules) ==
        Refusal{Error::emfile, Limit::fd_per_process, Rule::descriptors_process});
  const ProcessId other = tables.processes.add({.name = "q"});
  const std::uint64_t files = tables.processes.files(settings).open;
  REQUIRE(tables.processes.share(first, other, settings, rules));
  CHECK(tables.processes.files(settings).open == files);
  CHECK_FALSE(tables.processes.give_up(tables.sockets, first, tables.process));
  CHECK(tables.processes.give_up(tables.sockets, first, other));
  CHECK(tables.processes.files(settings).open == files - 1);
  CHECK_FALSE(tables.processes.refusal(tables.process, settings, rules));
}

TEST_CASE(
    "the queues of a listener admit what their backlog says, and connections leave in the order of their coming") {
  SocketTable sockets;
  const SocketIndex listener = sockets.create();
  sockets.extras_of(listener).backlog = 2;
  const Rules rules;
  Settings settings;
  settings.syncookies = SynCookies::off;
  std::vector<SocketIndex> children;
  while (!accept_queue_full(sockets.extras(listener), rules)) {
    children.push_back(sockets.create());
    enter_accept_queue(sockets, listener, children.back());
  }
  CHECK(children.size() == 3);
  CHECK(answer_to_syn(syn_queue_state(sockets.extras(listener), false, true, rules), settings, rules) ==
        SynAnswer::accept_queue_full);
  for (const SocketIndex child : children) CHECK(leave_accept_queue(sockets, listener) == child);
  CHECK(leave_accept_queue(sockets, listener) == no_socket);

  SocketExtras& own = sockets.extras(listener);
  int requests = 0;
  while (answer_to_syn(syn_queue_state(own, false, true, rules), settings, rules) == SynAnswer::keep) {
    CHECK(accept_queue_in_doubt(own, rules) == (requests >= 3));
    enter_syn_queue(own);
    ++requests;
  }
  CHECK(requests == 3);
  leave_syn_queue(own, SocketRecord{});
  CHECK(answer_to_syn(syn_queue_state(own, false, true, rules), settings, rules) == SynAnswer::keep);
}

TEST_CASE("an entry is admitted to TIME_WAIT while there are buckets") {
  Settings settings;
  settings.max_time_wait_buckets = 2;
  TimeWaitBuckets buckets;
  buckets.enter(false);
  CHECK_FALSE(buckets.full(settings));
  buckets.enter(false);
  CHECK(buckets.full(settings));
  buckets.leave(false);
  CHECK_FALSE(buckets.full(settings));
  CHECK(buckets.count() == 1);
  CHECK(buckets.peak() == 2);
}
