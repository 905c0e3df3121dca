// Destinations that are alike: one way through the network stands for all of them, and says the same as one for each.
#include "analysis/alike/destination_classes.hpp"

#include <random>
#include <vector>

#include "analysis/alike/alike_flows.hpp"
#include "analysis/capacity.hpp"
#include "analysis/client_plan.hpp"
#include "analysis/client_side.hpp"
#include "model/scenario/places.hpp"
#include "tests/analysis/worlds.hpp"
#include "tests/catch.hpp"

using namespace netlimits;
using namespace netlimits::analysis;

namespace {

Endpoint endpoint(std::uint64_t i) { return {IpAddress::parse("10.1.0.0")->plus(i), Port{443}}; }

// One workload to `count` addresses of one host, where one listener takes them all or each has its own.
Scenario to_many(std::uint64_t count, bool own_listeners, std::uint64_t connections) {
  Scenario scenario = outbound(connections, 100'000'000, 100'000'000);
  HostGroup& server = scenario.hosts.at("server");
  server.addresses.clear();
  Workload& load = scenario.workloads.at("load");
  load.to.clear();
  std::vector<Listener>& listeners = server.processes.front().listeners;
  if (own_listeners) listeners.clear();
  for (std::uint64_t i = 0; i < count; ++i) {
    server.addresses.push_back(AddressBlock::single(endpoint(i).address));
    load.to.push_back(endpoint(i));
    if (own_listeners) listeners.push_back({.endpoint = endpoint(i)});
  }
  return scenario;
}

class Drawn {
 public:
  explicit Drawn(std::uint32_t seed) : engine_(seed) {}
  std::uint64_t below(std::uint64_t end) { return engine_() % end; }
  bool one_in(std::uint64_t count) { return below(count) == 0; }

 private:
  std::mt19937 engine_;
};

Scenario any_scenario(Drawn& drawn) {
  const std::uint64_t count = 1'025 + drawn.below(30);
  Scenario scenario = to_many(count, drawn.one_in(2), count * 3);
  HostGroup& client = scenario.hosts.at("client");
  Workload& load = scenario.workloads.at("load");
  set_range(scenario, 40'000, static_cast<std::uint32_t>(2 + drawn.below(5)));
  if (drawn.one_in(3)) client.processes.front().count = 1 + drawn.below(3);
  if (drawn.one_in(4)) client.count = 1 + drawn.below(3);
  if (drawn.one_in(4)) client.processes.front().nofile = 3 + drawn.below(3 * count);
  if (drawn.one_in(4)) scenario.hosts.at("server").processes.front().nofile = 3 + drawn.below(6 * count);
  if (drawn.one_in(4)) scenario.hosts.at("server").settings.file_max = 3 + drawn.below(6 * count);
  for (Listener& listener : scenario.hosts.at("server").processes.front().listeners) {
    if (drawn.one_in(50)) listener.accept = AcceptStalled{};
    if (drawn.one_in(50)) listener.backlog = static_cast<std::int64_t>(drawn.below(4));
  }
  if (client.count == 1 && drawn.one_in(3)) {
    add_source(scenario);
    add_source(scenario);
    load.bind = BindAddressNoPort{};
  }
  if (drawn.one_in(5)) load.to.back() = load.to.front();
  if (drawn.one_in(5)) load.to[drawn.below(count)].port = Port{80};  // nobody listens there
  if (drawn.one_in(3)) {
    Workload other = load;
    other.name = "other";
    other.to.resize(1 + drawn.below(count));
    scenario.workloads.emplace("other", other);
  }
  return scenario;
}

NetworkQuestion any_question(Drawn& drawn, const Scenario& scenario) {
  NetworkQuestion question;
  const std::uint64_t count = scenario.workloads.at("load").to.size();
  for (std::size_t i = 0; i < scenario.workloads.size(); ++i)
    question.connections.push_back(drawn.below(drawn.one_in(2) ? count : 8 * count));
  question.draws = drawn.one_in(2) ? Draws::worst : Draws::best;
  question.accept_queues = drawn.one_in(2);
  question.believed = question.accept_queues && drawn.one_in(3);
  std::set<PlacedLimit> lifted;
  const HostGroup& client = scenario.hosts.at("client");
  const HostGroup& server = scenario.hosts.at("server");
  if (drawn.one_in(4)) lifted.insert({Limit::fd_per_process, process_place(client, client.processes.front())});
  const std::uint64_t pools = drawn.one_in(2) ? 0 : drawn.below(20);
  for (std::uint64_t i = 0; i < pools; ++i) {
    const Endpoint to = endpoint(drawn.below(count));
    lifted.insert({drawn.one_in(3) ? Limit::four_tuple : Limit::ephemeral_ports,
                   outbound_place(client, client.addresses.front().address, to)});
    lifted.insert(
        {Limit::listen_backlog, listener_place(server, server.processes.front(), endpoint(drawn.below(count)))});
  }
  question.lifted = LiftedLimits(lifted);
  return question;
}

void check_alike(const NetworkFlow& all, const NetworkFlow& each) {
  CHECK(all.flow.flow == each.flow.flow);
  REQUIRE(all.flow.cut.size() == each.flow.cut.size());
  for (std::size_t i = 0; i < all.flow.cut.size(); ++i) {
    const CutLimit& one = all.flow.cut[i];
    const CutLimit& other = each.flow.cut[i];
    if (one.limit == other.limit && one.place == other.place && one.capacity == other.capacity &&
        one.final == other.final)
      continue;
    FAIL_CHECK(one.place.text() << " and " << other.place.text());
  }
  CHECK(all.depends_on_draws == each.depends_on_draws);
  CHECK(all.loosened == each.loosened);
  CHECK(all.order_is_open == each.order_is_open);
  CHECK(all.programs_cross == each.programs_cross);
}

}  // namespace

TEST_CASE("destinations that are alike are answered together as each by itself") {
  std::size_t together = 0;
  std::size_t named = 0;
  for (std::uint32_t seed = 1; seed <= 150; ++seed) {
    INFO("seed " << seed);
    Drawn drawn(seed);
    const Scenario scenario = any_scenario(drawn);
    const Wiring wiring(scenario);
    const ClientPlan plan(scenario, wiring);
    ClientPlan apart(scenario, wiring);
    apart.tell_destinations_apart();
    together += plan.destinations_alike(scenario.hosts.at("client")) != nullptr ? 1 : 0;
    for (const Admission admission : {Admission::in_turn, Admission::guaranteed, Admission::all}) {
      const NetworkQuestion question = any_question(drawn, scenario);
      const Onward onward{.arrivals = std::map<std::string, std::uint64_t>()};
      const NetworkFlow all = solve_network(plan, wiring, question, admission, onward);
      check_alike(all, solve_network(apart, wiring, question, admission, onward));
      CHECK(solve_network(plan, wiring, question, admission, onward, Naming::none).flow.flow == all.flow.flow);
      named += all.flow.cut.size() > 100 ? 1 : 0;
    }
  }
  // It is seldom that all of this is told apart, and often that a cut has many of them.
  CHECK(together > 120);
  CHECK(named > 30);
}

TEST_CASE("a hundred thousand destinations that are alike are a few flows") {
  for (const bool own_listeners : {false, true}) {
    const Scenario scenario = to_many(65'536, own_listeners, 200'001);
    const Wiring wiring(scenario);
    const ClientPlan plan(scenario, wiring);
    const DestinationClasses* alike = plan.destinations_alike(scenario.hosts.at("client"));
    REQUIRE(alike != nullptr);
    const PlannedWorkload& load = plan.workloads.front();
    std::deque<EndsAlike> ends;
    const auto flows = [&](const LiftedLimits& lifted) {
      return flows_of({{&load, FlowNetwork::sink, 0, 200'001, 0, {0, 1}, 1}}, alike, lifted, ends);
    };
    // Some are taken three times, and the others four times.
    REQUIRE(flows({}).size() == 2);
    CHECK(flows({}).front().ways == 200'001 - 3 * 65'536);
    CHECK(flows({}).front().each == 4);
    CHECK(flows({}).back().ways == 4 * 65'536 - 200'001);
    const Place place = outbound_place(*load.host, load.chosen_sources.front(), endpoint(5));
    CHECK(flows(LiftedLimits({{Limit::ephemeral_ports, place}})).size() == 3);
  }
}

// Where each is looked at by itself, each of these takes minutes.
TEST_CASE("the capacity of a workload to 65,536 addresses of a host, with one listener or as many") {
  for (const bool own_listeners : {false, true}) {
    Scenario scenario = to_many(65'536, own_listeners, 1'000'000);
    set_range(scenario, 40'000, 10);
    const Capacity found = capacity(scenario);
    CHECK(found.capacity == Interval::exactly(655'360));
    CHECK(found.binding.size() == 65'536);
    CHECK(found.binding.front().limit == Limit::ephemeral_ports);
    REQUIRE_FALSE(found.ladder.empty());
    CHECK(found.ladder.back().binding.size() == 65'536);
    CHECK(found.ladder.back().binding.front().limit == Limit::four_tuple);
  }
}
