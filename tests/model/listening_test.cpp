// The accept queue, the SYN queue, descriptors at accept(), listen() itself.
#include "model/systems/rule_book.hpp"
#include "model/tcp/accept_queue.hpp"
#include "model/tcp/syn_queue.hpp"
#include "tests/catch.hpp"
#include "tests/model/host_world.hpp"

using namespace netlimits;
using namespace netlimits::test;
using namespace std::chrono_literals;

namespace {

// How many of `clients` are established at once.
int established(World& world, const std::vector<SocketId>& clients) {
  int count = 0;
  for (const SocketId client : clients)
    if (world.state(client) == TcpState::established) ++count;
  return count;
}

std::vector<SocketId> connect_many(World& world, int count) {
  std::vector<SocketId> clients;
  for (int i = 0; i < count; ++i) {
    clients.push_back(world.tcp());
    (void)world.connect(clients.back(), loopback_server);
  }
  return clients;
}

}  // namespace

TEST_CASE("an accept queue holds one more than its backlog, and the others wait in SYN_SENT") {
  for (const SynCookies cookies : {SynCookies::off, SynCookies::when_full}) {
    for (const int backlog : {0, 1, 2, 5, 10, 20}) {
      Outside outside;
      outside.settings.syncookies = cookies;
      World world(outside);
      const SocketId listener = world.listener(loopback_server, backlog);
      const auto clients = connect_many(world, 40);
      CHECK(established(world, clients) == backlog + 1);
      const SocketView view = world.host().view(listener);
      CHECK(view.queued == static_cast<std::uint32_t>(backlog) + 1);
      CHECK(view.backlog == static_cast<std::uint32_t>(backlog));
      CHECK(world.host().counters().listen_overflows == 40U - static_cast<std::uint32_t>(backlog) - 1U);
      REQUIRE(world.drops.size() == 40U - static_cast<std::uint32_t>(backlog) - 1U);
      for (const Drop& drop : world.drops) {
        CHECK(drop.limit == Limit::listen_backlog);
        CHECK(drop.listener == listener);
        CHECK(drop.at == loopback_server);
        CHECK(drop.tuple.remote == loopback_server);
      }
    }
  }
}

TEST_CASE("room in the accept queue is taken by the next repeated SYN") {
  World world;
  const SocketId listener = world.listener(loopback_server, 0);
  const auto clients = connect_many(world, 2);
  CHECK(established(world, clients) == 1);
  (void)world.accept(listener);
  world.advance(1023ms);  // a second, and to the end of the timer's slot
  CHECK(established(world, clients) == 1);
  world.advance(1ms);
  CHECK(established(world, clients) == 2);
}

TEST_CASE("backlogs are cut to somaxconn; a negative one means that much") {
  CHECK(effective_backlog(10, 4096) == 10);
  CHECK(effective_backlog(5000, 4096) == 4096);
  CHECK(effective_backlog(-1, 77) == 77);
  CHECK(accept_queue_capacity(AcceptQueueRule::backlog_plus_one, 128) == 129);
  CHECK(accept_queue_capacity(AcceptQueueRule::three_halves_plus_one, 128) == 193);
  CHECK(accept_queue_capacity(AcceptQueueRule::backlog, 128) == 128);
}

TEST_CASE("repeated listen() only changes the backlog") {
  World world;
  const SocketId listener = world.listener(loopback_server, 5);
  CHECK(world.host().listen(listener, 1, {}));
  CHECK(world.host().view(listener).backlog == 1);
  CHECK(established(world, connect_many(world, 10)) == 2);
}

TEST_CASE("EMFILE at accept() comes before everything else and takes nothing from the queue") {
  World world;
  const ProcessId small = world.host().add_process({.name = "small", .nofile = 6});
  const SocketId listener = world.host().socket(small, Family::inet, SocketType::stream).value();
  REQUIRE(world.host().bind(listener, loopback_server, {}));
  REQUIRE(world.host().listen(listener, 64, {}));
  const auto clients = connect_many(world, 5);
  CHECK(established(world, clients) == 5);
  CHECK(world.accept(listener));
  const SocketId second = world.accept(listener).value();
  CHECK(World::error_of(world.accept(listener)) == Error::emfile);
  CHECK(world.host().view(listener).queued == 3);
  world.close(second);
  CHECK(world.accept(listener));
  for (int i = 0; i < 2; ++i) CHECK(World::error_of(world.accept(listener)) == Error::emfile);
}

TEST_CASE("a process has as many descriptors as its limit says, its own ones counted") {
  World world;
  for (const auto& [limit, sockets] : {std::pair{16, 13}, {64, 61}, {2048, 2045}}) {
    const ProcessId process = world.host().add_process({.name = "x", .nofile = static_cast<std::uint64_t>(limit)});
    int got = 0;
    while (world.host().socket(process, Family::inet, SocketType::stream)) ++got;
    CHECK(got == sockets);
    CHECK(world.host().descriptor_refusal(process)->limit == Limit::fd_per_process);
  }
}

TEST_CASE("the host's file table is a limit of its own: ENFILE after EMFILE, on macOS before") {
  for (const bool host_first : {false, true}) {
    Outside outside;
    outside.settings.file_max = 20;
    outside.rules.set(Rule::descriptors_host_first, host_first);
    World world(outside);  // 3 files of its own process
    const ProcessId full = world.host().add_process({.name = "full", .nofile = 3});
    CHECK(World::error_of(world.host().socket(full, Family::inet, SocketType::stream)) == Error::emfile);
    CHECK(world.host().open_files(world.process(), 100) == 14);
    CHECK(World::error_of(world.host().socket(world.process(), Family::inet, SocketType::stream)) == Error::enfile);
    CHECK(World::error_of(world.host().socket(full, Family::inet, SocketType::stream)) ==
          (host_first ? Error::enfile : Error::emfile));
    world.host().close_files(world.process(), 1);
    CHECK(world.host().socket(world.process(), Family::inet, SocketType::stream));
  }
}

TEST_CASE("the ACK that finds the accept queue full leaves the request half-open and the client connected") {
  Outside here;
  here.addresses = {"198.51.100.1/24"};
  Outside there;
  there.addresses = {"198.51.100.2/24"};
  for (const bool abort : {false, true}) {
    there.settings.abort_on_overflow = abort;
    World world(here);
    world.add_host(there);
    const Endpoint to = endpoint("198.51.100.2", 80);
    const SocketId listener = world.listener(to, 1, {}, 1);
    REQUIRE_FALSE(world.connect(world.tcp(), to));
    // Both SYNs are answered before either ACK arrives.
    std::vector<Segment> acks;
    world.dropped = [&](const Segment& segment) {
      if (segment.syn || !segment.ack) return false;
      acks.push_back(segment);
      return true;
    };
    const SocketId first = world.tcp();
    const SocketId second = world.tcp();
    REQUIRE_FALSE(world.connect(first, to));
    REQUIRE_FALSE(world.connect(second, to));
    world.dropped = nullptr;
    for (const Segment& ack : acks) world.flying.push_back(ack);
    world.settle(0);
    REQUIRE(world.drops.size() == 1);
    CHECK(world.drops[0].limit == Limit::listen_backlog);
    CHECK(world.drops[0].tuple == acks[1].tuple);
    if (abort) {
      CHECK(world.state(second) == TcpState::closed);
      CHECK(World::error_of(world.receive(second)) == Error::econnreset);
      continue;
    }
    CHECK(world.state(second) == TcpState::established);
    CHECK(world.host(1).view(listener).half_open == 1);
    CHECK(world.send(second, 7).value() == 7);
    for (int i = 0; i < 2; ++i) CHECK(world.accept(listener, 1));
    world.advance(1s);  // the SYN+ACK is repeated, and answered
    const SocketId accepted = world.accept(listener, 1).value();
    CHECK(world.receive(accepted, 1).value() == 7);
  }
}

TEST_CASE("a half-open request is given up 63 s after its SYN") {
  Outside here;
  here.addresses = {"198.51.100.1/24"};
  World world(here);
  const SocketId listener = world.listener(endpoint("198.51.100.1", 80));
  Segment syn;
  syn.tuple = {endpoint("198.51.100.9", 5000), endpoint("198.51.100.1", 80)};
  syn.syn = true;
  world.host().deliver(syn, world.now, world.effects);
  world.settle(0);
  CHECK(world.host().view(listener).half_open == 1);
  world.advance(63s - 1ns);
  CHECK(world.host().view(listener).half_open == 1);
  world.advance(1ns);
  CHECK(world.host().view(listener).half_open == 0);
  CHECK(world.sent.size() == 6);
}

TEST_CASE("a SYN queue holds one more than the backlog; beyond that come cookies, or nothing") {
  const auto flood = [](SynCookies cookies, bool plus_one) {
    Outside outside;
    outside.settings.syncookies = cookies;
    outside.rules.set(Rule::syn_queue_one_more, plus_one);
    World world(outside);
    const SocketId listener = world.listener(endpoint("192.0.2.8", 80), 10);
    for (std::uint16_t port = 1; port <= 40; ++port) {
      Segment syn;
      syn.tuple = {endpoint("203.0.113.9", port), endpoint("192.0.2.8", 80)};
      syn.syn = true;
      world.host().deliver(syn, world.now, world.effects);
    }
    const HostCounters counters = world.host().counters();
    CHECK(world.effects.drops.size() == counters.syn_queue_drops);
    for (const Drop& drop : world.effects.drops) CHECK(drop.limit == Limit::syn_backlog);
    return std::pair{world.host().view(listener).half_open, counters};
  };
  CHECK(flood(SynCookies::off, true).first == 11);
  CHECK(flood(SynCookies::off, false).first == 10);
  CHECK(flood(SynCookies::off, true).second.syn_queue_drops == 29);
  CHECK(flood(SynCookies::when_full, true).second.syncookies_sent == 29);
  CHECK(flood(SynCookies::always, true).first == 0);
}

TEST_CASE("without syncookies strangers leave the last quarter of tcp_max_syn_backlog to known peers") {
  for (const auto& [setting, strangers] : {std::pair{128U, 97U}, {16U, 13U}}) {
    Settings settings;
    settings.syncookies = SynCookies::off;
    settings.max_syn_backlog = setting;
    SynQueueState queue;
    queue.backlog = 4096;
    while (answer_to_syn(queue, settings, Rules{}) == SynAnswer::keep) ++queue.half_open;
    CHECK(queue.half_open == strangers);
    queue.known_peer = true;
    CHECK(answer_to_syn(queue, settings, Rules{}) == SynAnswer::keep);
    settings.syncookies = SynCookies::when_full;
    queue.known_peer = false;
    CHECK(answer_to_syn(queue, settings, Rules{}) == SynAnswer::keep);
  }
}

TEST_CASE("a connection made from a cookie comes up like any other") {
  Outside outside;
  outside.settings.syncookies = SynCookies::always;
  World world(outside);
  const SocketId listener = world.listener(loopback_server, 4);
  const SocketId client = world.tcp();
  REQUIRE_FALSE(world.connect(client, loopback_server));
  CHECK(world.host().view(listener).half_open == 0);
  const SocketId accepted = world.accept(listener).value();
  CHECK(world.send(client, 4).value() == 4);
  CHECK(world.receive(accepted).value() == 4);
}

TEST_CASE("closing a listener refuses what waits in its queue") {
  World world;
  const SocketId listener = world.listener(loopback_server, 8);
  const auto clients = connect_many(world, 3);
  const SocketId accepted = world.accept(listener).value();
  world.close(listener);
  CHECK(world.state(clients[0]) == TcpState::established);
  CHECK(world.state(accepted) == TcpState::established);
  for (const std::size_t i : {std::size_t{1}, std::size_t{2}})
    CHECK(World::error_of(world.receive(clients[i])) == Error::econnreset);
  CHECK(world.connect(world.tcp(), loopback_server) == Error::econnrefused);
}

TEST_CASE("shutting a listener for reading ends listening; for writing it does nothing") {
  World world;
  const SocketId listener = world.listener(loopback_server, 8);
  CHECK_FALSE(world.shutdown(listener, false, true));
  CHECK(world.state(listener) == TcpState::listen);
  CHECK_FALSE(world.shutdown(listener, true, false));
  CHECK(world.state(listener) == TcpState::closed);
  CHECK(World::error_of(world.accept(listener)) == Error::einval);
  CHECK(world.port(listener) == 7000);
  CHECK(world.host().listen(listener, 8, {}));
  CHECK_FALSE(world.connect(world.tcp(), loopback_server));
}

TEST_CASE("listen() without bind() takes an automatic port on every address") {
  Outside outside;
  outside.settings.local_port_range = {Port{40000}, Port{40003}};
  World world(outside);
  for (int i = 0; i < 4; ++i) {
    const SocketId listener = world.tcp();
    REQUIRE(world.host().listen(listener, 4, {}));
    CHECK((world.port(listener) % 2 == 1) == (i < 2));
    CHECK(world.host().local_name(listener).value().address == address("0.0.0.0"));
  }
  CHECK(World::error_of(world.host().listen(world.tcp(), 4, {})) == Error::eaddrinuse);
}

TEST_CASE("a SYN goes to the listener that is bound to its address, then to a wildcard") {
  World world;
  const SocketId wildcard = world.listener(endpoint("0.0.0.0", 7000), 8, {Option::reuse_port});
  const SocketId own = world.listener(endpoint("127.0.0.2", 7000), 8, {Option::reuse_port});
  REQUIRE_FALSE(world.connect(world.tcp(), endpoint("127.0.0.2", 7000)));
  REQUIRE_FALSE(world.connect(world.tcp(), endpoint("127.0.0.3", 7000)));
  CHECK(world.host().view(own).queued == 1);
  CHECK(world.host().view(wildcard).queued == 1);
}

TEST_CASE("listeners that share a port by SO_REUSEPORT share the connections, unevenly") {
  World world;
  std::vector<SocketId> listeners;
  for (int i = 0; i < 4; ++i) listeners.push_back(world.listener(loopback_server, 4096, {Option::reuse_port}));
  connect_many(world, 400);
  std::uint32_t all = 0;
  for (const SocketId listener : listeners) {
    const std::uint32_t queued = world.host().view(listener).queued;
    CHECK(queued > 50);
    all += queued;
  }
  CHECK(all == 400);
}

TEST_CASE("a listener stays in its SO_REUSEPORT group whatever becomes of its option") {
  World world;
  std::vector<SocketId> listeners;
  for (int i = 0; i < 2; ++i) listeners.push_back(world.listener(loopback_server, 4096, {Option::reuse_port}));
  REQUIRE(world.host().set_option(listeners[0], Option::reuse_port, 0));
  connect_many(world, 100);
  for (const SocketId listener : listeners) CHECK(world.host().view(listener).queued > 10);
}

TEST_CASE("who takes a connection of a group can be demanded, draw by draw") {
  for (const std::uint32_t demanded : {0U, 1U, 2U}) {
    Outside outside;
    outside.group_draws = std::make_shared<GroupDraws>(std::vector<std::uint32_t>{demanded});
    World world(outside);
    std::vector<SocketId> listeners;
    for (int i = 0; i < 3; ++i) listeners.push_back(world.listener(loopback_server, 8, {Option::reuse_port}));
    REQUIRE_FALSE(world.connect(world.tcp(), loopback_server));
    CHECK(world.host().view(listeners[demanded]).queued == 1);
    REQUIRE(outside.group_draws->draws().size() == 1);
    CHECK(outside.group_draws->draws()[0].size == 3);
    CHECK(world.host().rules_reached().has(Rule::listener_group));
  }
}

TEST_CASE("a listener that several processes hold accepts for each of them within its own limit") {
  World world;
  const SocketId listener = world.listener(loopback_server, 64);
  connect_many(world, 20);
  std::vector<ProcessId> workers;
  for (int i = 0; i < 3; ++i) {
    workers.push_back(world.host().add_process({.name = "w", .nofile = 8}));
    REQUIRE(world.host().inherit(listener, workers.back()));
  }
  for (const ProcessId worker : workers) {
    int accepted = 0;
    while (world.host().accept_in(listener, worker, world.now, world.effects)) ++accepted;
    CHECK(accepted == 4);
    CHECK(world.host().descriptors(worker).open == 8);
  }
  world.close(listener);
  CHECK(world.state(listener) == TcpState::listen);  // the workers still hold it
  for (const ProcessId worker : workers) world.host().exit_process(worker, world.now, world.effects);
  CHECK_FALSE(world.host().alive(listener));
}

TEST_CASE("a full queue refuses where the system does so") {
  Outside outside;
  outside.rules.set(Rule::accept_queue_refuses, true);
  World world(outside);
  world.listener(loopback_server, 0);
  CHECK_FALSE(world.connect(world.tcp(), loopback_server));
  CHECK(world.connect(world.tcp(), loopback_server) == Error::econnrefused);
}
