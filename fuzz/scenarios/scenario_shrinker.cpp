// The changes that are tried, from the coarsest to the finest.
#include "fuzz/scenarios/scenario_shrinker.hpp"

#include <algorithm>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "model/systems/os_profile.hpp"
#include "model/systems/setting.hpp"

namespace netlimits::fuzz {
namespace {

// Tries one change after another on what is left, until a whole round changes nothing.
class Shrinker {
 public:
  Shrinker(Scenario scenario, const std::function<bool(const Scenario&)>& still_shows)
      : left_(std::move(scenario)), still_shows_(still_shows) {}

  Scenario shrink() {
    do {
      changed_ = false;
      drop_large_things();
      for (const std::string& name : names_of(left_.workloads)) shrink_workload(name);
      for (const std::string& name : names_of(left_.balancers)) shrink_balancer(name);
      for (const std::string& name : names_of(left_.gateways)) shrink_gateway(name);
      for (const std::string& name : names_of(left_.hosts)) shrink_host(name);
    } while (changed_);
    return std::move(left_);
  }

 private:
  template <class Map>
  static std::vector<std::string> names_of(const Map& map) {
    std::vector<std::string> names;
    for (const auto& [name, unused] : map) names.push_back(name);
    return names;
  }

  template <class Change>
  bool attempt(const Change& change) {
    Scenario candidate = left_;
    change(candidate);
    if (!still_shows_(candidate)) return false;
    left_ = std::move(candidate);
    changed_ = true;
    return true;
  }

  // Takes out the items of a list one by one. `list_in(scenario)` is a reference to it.
  template <class ListIn>
  void drop_items(const ListIn& list_in, std::size_t at_least = 0) {
    for (std::size_t i = list_in(left_).size(); i-- > 0;) {
      if (list_in(left_).size() <= at_least) return;
      attempt([&](Scenario& candidate) {
        auto& list = list_in(candidate);
        list.erase(list.begin() + static_cast<std::ptrdiff_t>(i));
      });
    }
  }

  // Puts the usual in place of a value that differs from it.
  template <class ValueIn, class Value>
  void make(const ValueIn& value_in, const Value& usual) {
    if (value_in(left_) == usual) return;
    attempt([&](Scenario& candidate) { value_in(candidate) = usual; });
  }

  // The least figure from `least` on that still shows it, as far as halving the way finds it.
  template <class ValueIn>
  void lessen(const ValueIn& value_in, std::uint64_t least) {
    using Value = std::remove_reference_t<decltype(value_in(left_))>;
    while (value_in(left_) > least) {
      const std::uint64_t now = value_in(left_);
      if (attempt([&](Scenario& candidate) { value_in(candidate) = static_cast<Value>(least + (now - least) / 2); }))
        continue;
      if (!attempt([&](Scenario& candidate) { value_in(candidate) = static_cast<Value>(now - 1); })) return;
    }
  }

  void drop_large_things() {
    for (const std::string& name : names_of(left_.workloads)) {
      if (left_.workloads.size() > 1) attempt([&](Scenario& candidate) { candidate.workloads.erase(name); });
    }
    drop_items([](auto& scenario) -> auto& { return scenario.events; });
    for (const std::string& name : names_of(left_.balancers))
      attempt([&](Scenario& candidate) {
        candidate.balancers.erase(name);
        std::erase_if(candidate.paths, [&](const Path& path) { return path.a == name || path.b == name; });
      });
    for (const std::string& name : names_of(left_.gateways))
      attempt([&](Scenario& candidate) {
        candidate.gateways.erase(name);
        std::erase_if(candidate.paths, [&](const Path& path) { return path.a == name || path.b == name; });
      });
    if (!left_.paths.empty()) attempt([](Scenario& candidate) { candidate.paths.clear(); });
    for (const std::string& name : names_of(left_.hosts))
      attempt([&](Scenario& candidate) {
        candidate.hosts.erase(name);
        for (auto& [unused, gateway] : candidate.gateways) std::erase(gateway.hosts, name);
        std::erase_if(candidate.paths, [&](const Path& path) { return path.a == name || path.b == name; });
      });
    drop_items([](auto& scenario) -> auto& { return scenario.paths; });
    if (left_.window) attempt([](Scenario& candidate) { candidate.window.reset(); });
    if (left_.end) attempt([](Scenario& candidate) { candidate.end.reset(); });
    for (std::size_t i = 0; i < left_.paths.size(); ++i)
      make(
          [i](auto& scenario) -> auto& { return scenario.paths[i].round_trip; }, Duration::zero());
  }

  void shrink_workload(const std::string& name) {
    const auto in = [&](auto& scenario) -> auto& { return scenario.workloads.at(name); };
    drop_items(
        [&](auto& scenario) -> auto& { return in(scenario).to; }, 1);
    drop_items([&](auto& scenario) -> auto& { return in(scenario).sources; });
    const auto usual = [&](bool is_usual, auto&& change) {
      if (!is_usual) attempt([&](Scenario& candidate) { change(candidate.workloads.at(name)); });
    };
    const Workload& now = left_.workloads.at(name);
    usual(now.retry.attempts == 0 && !now.retry.reconnect, [](Workload& one) { one.retry = {}; });
    usual(std::holds_alternative<HoldForever>(now.hold), [](Workload& one) { one.hold = HoldForever{}; });
    usual(now.closer == Closer::client, [](Workload& one) { one.closer = Closer::client; });
    usual(std::holds_alternative<PlainConnect>(now.bind), [](Workload& one) {
      one.bind = PlainConnect{};
      one.sources.clear();
    });
    usual(std::holds_alternative<AtOnce>(now.arrivals), [](Workload& one) { one.arrivals = AtOnce{}; });
    usual(std::holds_alternative<AtOnce>(now.arrivals) || std::holds_alternative<ConstantRate>(now.arrivals),
          [](Workload& one) { one.arrivals = ConstantRate{std::chrono::milliseconds(20)}; });
    usual(now.start == time_zero, [](Workload& one) { one.start = time_zero; });
    lessen(
        [&](auto& scenario) -> auto& { return in(scenario).connections; }, 1);
  }

  void shrink_balancer(const std::string& name) {
    const auto in = [&](auto& scenario) -> auto& { return scenario.balancers.at(name); };
    drop_items(
        [&](auto& scenario) -> auto& { return in(scenario).back_ends; }, 1);
    make(
        [&](auto& scenario) -> auto& { return in(scenario).notices_after; }, Duration::zero());
  }

  template <class In>
  void shrink_table(const In& in) {
    if (!in(left_).conntrack) return;
    attempt([&](Scenario& candidate) { in(candidate).conntrack.reset(); });
    if (!in(left_).conntrack) return;
    lessen(
        [&](auto& scenario) -> auto& { return in(scenario).conntrack->held; }, 0);
    lessen(
        [&](auto& scenario) -> auto& { return in(scenario).conntrack->max; },
        std::max<std::uint64_t>(1, in(left_).conntrack->held));
  }

  void shrink_gateway(const std::string& name) {
    const auto in = [&](auto& scenario) -> auto& { return scenario.gateways.at(name); };
    shrink_table(in);
    drop_items(
        [&](auto& scenario) -> auto& { return in(scenario).hosts; }, 1);
    drop_items(
        [&](auto& scenario) -> auto& { return in(scenario).addresses; }, 1);
    make(
        [&](auto& scenario) -> auto& { return in(scenario).nat.when_full; }, NatWhenFull::silence);
    make(
        [&](auto& scenario) -> auto& { return in(scenario).nat.port_choice; }, NatPortChoice::any_free);
    lessen(
        [&](auto& scenario) -> auto& { return in(scenario).nat.ports.last.value; }, in(left_).nat.ports.first.value);
  }

  void shrink_host(const std::string& name) {
    const auto in = [&](auto& scenario) -> auto& { return scenario.hosts.at(name); };
    shrink_table(in);
    drop_items([&](auto& scenario) -> auto& { return in(scenario).processes; });
    drop_items([&](auto& scenario) -> auto& { return in(scenario).held_ports; });
    drop_items([&](auto& scenario) -> auto& { return in(scenario).held_connections; });
    drop_items([&](auto& scenario) -> auto& { return in(scenario).addresses; });
    make(
        [&](auto& scenario) -> auto& { return in(scenario).open_files; }, std::uint64_t{0});
    for (const std::string& setting : names_of(left_.hosts.at(name).set_by_scenario)) {
      attempt([&](Scenario& candidate) {
        HostGroup& host = candidate.hosts.at(name);
        host.set_by_scenario.erase(setting);
        host.settings = host.profile->settings;
        const auto order = writing_order(host.settings, host.profile->system, host.set_by_scenario);
        if (!order) return;
        for (const auto& [one, text] : *order)
          static_cast<void>(write_setting(host.settings, host.profile->system, one, text));
      });
    }
    lessen(
        [&](auto& scenario) -> auto& { return in(scenario).count; }, 1);
    for (std::size_t p = 0; p < left_.hosts.at(name).processes.size(); ++p) shrink_process(name, p);
  }

  void shrink_process(const std::string& host, std::size_t position) {
    const auto in = [&](auto& scenario) -> auto& { return scenario.hosts.at(host).processes[position]; };
    drop_items([&](auto& scenario) -> auto& { return in(scenario).listeners; });
    lessen(
        [&](auto& scenario) -> auto& { return in(scenario).count; }, 1);
    make(
        [&](auto& scenario) -> auto& { return in(scenario).uid; }, 0U);
    make(
        [&](auto& scenario) -> auto& { return in(scenario).nofile; }, std::uint64_t{1024});
    if (in(left_).nofile != 1024)
      lessen(
          [&](auto& scenario) -> auto& { return in(scenario).nofile; }, 1);
    make(
        [&](auto& scenario) -> auto& { return in(scenario).own_descriptors; },
        left_.hosts.at(host).profile->own_descriptors);
    for (std::size_t l = 0; l < in(left_).listeners.size(); ++l) {
      const auto listener = [&](auto& scenario) -> auto& { return in(scenario).listeners[l]; };
      make(
          [&](auto& scenario) -> auto& { return listener(scenario).backlog; }, std::int64_t{511});
      if (listener(left_).accept.index() != 0)
        attempt([&](Scenario& candidate) { listener(candidate).accept = AcceptImmediately{}; });
      make(
          [&](auto& scenario) -> auto& { return listener(scenario).reuse_port; }, false);
      make(
          [&](auto& scenario) -> auto& { return listener(scenario).inherited; }, false);
    }
  }

  Scenario left_;
  const std::function<bool(const Scenario&)>& still_shows_;
  bool changed_ = false;
};

}  // namespace

Scenario shrink(Scenario scenario, const std::function<bool(const Scenario&)>& still_shows) {
  return Shrinker(std::move(scenario), still_shows).shrink();
}

}  // namespace netlimits::fuzz
