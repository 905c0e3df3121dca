// Random small worlds: the capacity against a plain first come, first served, and against closed forms.
#include <rapidcheck.h>

#include <map>

#include "analysis/capacity.hpp"
#include "model/scenario/assignment.hpp"
#include "tests/analysis/worlds.hpp"
#include "tests/catch.hpp"

using namespace netlimits;
using namespace netlimits::analysis;

namespace {

struct CountedWorld {
  std::uint64_t connections;
  std::uint64_t clients;
  std::uint64_t client_processes;
  std::uint64_t client_free;
  std::uint64_t ports;
  std::uint64_t sources;
  std::uint64_t destinations;
  std::uint64_t server_processes;
  std::uint64_t server_free;
  bool no_port;
};

CountedWorld any_world() {
  return {*rc::gen::inRange<std::uint64_t>(1, 120),    *rc::gen::inRange<std::uint64_t>(1, 5),
          *rc::gen::inRange<std::uint64_t>(1, 3),      *rc::gen::inRange<std::uint64_t>(0, 40),
          *rc::gen::inRange<std::uint64_t>(1, 10) * 2, *rc::gen::inRange<std::uint64_t>(1, 3),
          *rc::gen::inRange<std::uint64_t>(1, 4),      *rc::gen::inRange<std::uint64_t>(1, 4),
          *rc::gen::inRange<std::uint64_t>(0, 60),     *rc::gen::arbitrary<bool>()};
}

Scenario scenario_of(const CountedWorld& world) {
  Scenario scenario = outbound(world.connections, world.client_free + 3, 0);
  HostGroup& client = scenario.hosts.at("client");
  client.count = world.clients;
  client.address_stride = 4;
  client.processes.front().count = world.client_processes;
  set_range(scenario, 40'000, static_cast<std::uint32_t>(world.ports));
  for (std::uint64_t i = 1; i < world.sources; ++i) add_source(scenario);
  for (std::uint64_t i = 1; i < world.destinations; ++i) {
    add_destination(scenario, static_cast<std::uint16_t>(8'000 + i));
  }
  Process& web = scenario.hosts.at("server").processes.front();
  web.count = world.server_processes;
  web.nofile = world.server_free + 3 + web.listeners.size();
  for (Listener& listener : web.listeners) listener.inherited = true;
  if (world.no_port) scenario.workloads.at("load").bind = BindAddressNoPort{};
  return scenario;
}

// One connection after another, each taking what it needs if all of it is there: what first come, first served holds.
std::uint64_t served_in_turn(const CountedWorld& world) {
  const AssignmentShape shape{.host_instances = world.clients,
                              .process_instances = world.client_processes,
                              .sources = world.sources,
                              .destinations = world.destinations};
  std::map<std::pair<std::uint64_t, std::uint64_t>, std::uint64_t> descriptors;
  std::map<std::tuple<std::uint64_t, std::uint64_t, std::uint64_t>, std::uint64_t> ports;
  std::uint64_t accepted = 0;
  for (std::uint64_t k = 0; k < world.connections; ++k) {
    const Assignment given = assign(shape, k);
    std::uint64_t& open = descriptors[{given.host_instance, given.process_instance}];
    std::uint64_t& used = ports[{given.host_instance, world.no_port ? given.source : 0, given.destination}];
    if (open == world.client_free || used == world.ports || accepted == world.server_free * world.server_processes) {
      continue;
    }
    ++open;
    ++used;
    ++accepted;
  }
  return accepted;
}

}  // namespace

TEST_CASE("capacity is never below what first come, first served holds, nor above any closed form") {
  CHECK(rc::check([] {
    const CountedWorld world = any_world();
    const Capacity found = capacity(scenario_of(world));
    RC_ASSERT(found.capacity.exact());
    const std::uint64_t held = found.capacity.min;
    RC_ASSERT(held >= served_in_turn(world));
    RC_ASSERT(held <= world.connections);
    RC_ASSERT(held <= world.clients * world.client_processes * world.client_free);
    const std::uint64_t pools = world.destinations * (world.no_port ? world.sources : 1);
    RC_ASSERT(held <= world.clients * pools * world.ports);
    RC_ASSERT(held <= world.server_processes * world.server_free);
    RC_ASSERT((held == world.connections) == found.binding.empty());
  }));
}

TEST_CASE("with one destination, source and process the smallest closed form is the capacity") {
  CHECK(rc::check([] {
    CountedWorld world = any_world();
    world.client_processes = world.sources = world.destinations = 1;
    std::uint64_t by_clients = 0;
    for (std::uint64_t i = 0; i < world.clients; ++i) {
      const std::uint64_t asked = world.connections / world.clients + (i < world.connections % world.clients ? 1 : 0);
      by_clients += std::min({asked, world.client_free, world.ports});
    }
    const std::uint64_t expected = std::min(by_clients, world.server_processes * world.server_free);
    RC_ASSERT(capacity(scenario_of(world)).capacity == Interval::exactly(expected));
  }));
}

TEST_CASE("rungs never fall, each names what binds, and established is never below held") {
  CHECK(rc::check([] {
    const Capacity found = capacity(scenario_of(any_world()));
    RC_ASSERT(found.established >= found.capacity);
    Interval before = found.capacity;
    for (const Rung& rung : found.ladder) {
      RC_ASSERT(rung.capacity.min >= before.min);
      RC_ASSERT(rung.capacity.max >= before.max);
      RC_ASSERT(!rung.binding.empty());
      before = rung.capacity;
    }
  }));
}

TEST_CASE("raising a limit that does not bind changes nothing, raising any limit never lowers the capacity") {
  CHECK(rc::check([] {
    const CountedWorld world = any_world();
    const Capacity found = capacity(scenario_of(world));
    const auto is_in = [](const std::vector<Binding>& binding, Limit limit, const std::string& place) {
      return std::any_of(binding.begin(), binding.end(), [&](const Binding& one) {
        return one.limit == limit && (place.empty() || one.place.text().ends_with(place));
      });
    };
    // What is met first need not be the cut: that is what binds next at the same count, then.
    const auto binds = [&](Limit limit, const std::string& place) {
      return is_in(found.binding, limit, place) ||
             std::any_of(found.ladder.begin(), found.ladder.end(), [&](const Rung& rung) {
               return rung.capacity.min <= found.capacity.max && is_in(rung.binding, limit, place);
             });
    };
    const auto check = [&](const CountedWorld& changed, bool bound) {
      const Interval held = capacity(scenario_of(changed)).capacity;
      RC_ASSERT(held.min >= found.capacity.min);
      if (!bound) RC_ASSERT(held == found.capacity);
    };
    CountedWorld more = world;
    more.client_free += 1;
    check(more, binds(Limit::fd_per_process, "/app"));
    more = world;
    more.server_free += 1;
    check(more, binds(Limit::fd_per_process, "/web"));
    more = world;
    more.ports += 2;
    check(more, binds(Limit::ephemeral_ports, ""));
  }));
}

TEST_CASE("lifting what binds never lowers the capacity") {
  CHECK(rc::check([] {
    const CountedWorld world = any_world();
    const Capacity found = capacity(scenario_of(world));
    if (found.binding.empty()) return;
    RC_ASSERT(!found.ladder.empty());
    CountedWorld lifted = world;
    for (const Binding& one : found.binding) {
      if (one.limit == Limit::ephemeral_ports) lifted.ports = 20'000;
      if (one.place.text().ends_with("/app")) lifted.client_free = 100'000;
      if (one.place.text().ends_with("/web")) lifted.server_free = 100'000;
    }
    RC_ASSERT(capacity(scenario_of(lifted)).capacity.min >= found.capacity.min);
    RC_ASSERT(capacity(scenario_of(lifted)).capacity.min <= std::max(world.connections, found.ladder[0].capacity.min));
  }));
}
