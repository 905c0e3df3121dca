// EventLoader: one reader for each kind of event; at the end all changes of settings are checked in the order of time.
#include "scenarios/event_loader.hpp"

#include <algorithm>
#include <map>
#include <optional>
#include <set>

#include <fmt/format.h>

#include "model/systems/setting.hpp"
#include "scenarios/address_fields.hpp"
#include "scenarios/host_loader.hpp"
#include "scenarios/json/nearest_name.hpp"
#include "scenarios/json/quantity.hpp"
#include "scenarios/scenario_keys.hpp"

namespace netlimits::scenarios {
namespace {

class EventLoader {
 public:
  explicit EventLoader(Scenario& scenario) : scenario_(scenario) {
    for (const auto& [name, host] : scenario.hosts) settings_[name] = host.settings;
  }

  void load(const Field& field) {
    const std::size_t before = field.errors().size();
    const ObjectReader reader(field, event_keys);
    if (field.errors().size() != before) return;
    Event event;
    if (const auto at = reader.need("at", "when it happens")) event.at = SimTime(duration_of(*at).value_or(Duration{}));
    if (field.node().members.size() != 2) {
      field.complain("an event has \"at\" and one thing that happens",
                     "host_down, host_up, back_end_down, back_end_up, set or add_address");
      return;
    }
    if (const auto down = reader.get("host_down")) {
      if (const auto who = instance_of(*down)) event.what = HostDown{who->first, who->second};
    } else if (const auto up = reader.get("host_up")) {
      if (const auto who = instance_of(*up)) event.what = HostUp{who->first, who->second};
    } else if (const auto back_down = reader.get("back_end_down")) {
      if (const auto which = back_end_of(*back_down)) event.what = BackEndDown{which->first, which->second};
    } else if (const auto back_up = reader.get("back_end_up")) {
      if (const auto which = back_end_of(*back_up)) event.what = BackEndUp{which->first, which->second};
    } else if (const auto set = reader.get("set")) {
      if (auto change = setting_of(*set, event.at)) event.what = std::move(*change);
    } else if (const auto add = reader.get("add_address")) {
      if (auto added = address_added(*add)) event.what = std::move(*added);
    }
    scenario_.events.push_back(std::move(event));
  }

  // Some values are legal only after others: so they are checked in the order in which they will be written.
  void check_setting_changes() {
    std::stable_sort(changes_.begin(), changes_.end(), [](const auto& a, const auto& b) { return a.at < b.at; });
    for (const PlannedChange& planned : changes_) {
      const HostGroup& host = scenario_.hosts.at(planned.change.host);
      const auto info = setting_named(host.profile->system, planned.change.name);
      if (info && info->scope == SettingScope::at_start) {
        planned.setting.complain(fmt::format("{} is not changed during a run", in_quotes(planned.change.name)),
                                 fmt::format("set it in \"settings\" of {}", host.name));
        continue;
      }
      check_setting(planned.setting, planned.value, planned.change.name, planned.change.value, *host.profile,
                    settings_[host.name]);
    }
  }

 private:
  struct PlannedChange {
    SimTime at;
    SettingChange change;
    Field setting;
    Field value;
  };

  const HostGroup* host_of(const Field& field) const {
    const auto name = field.string("the name of a host");
    if (!name) return nullptr;
    const auto host = scenario_.hosts.find(*name);
    if (host != scenario_.hosts.end()) return &host->second;
    field.refuse("the name of a host", field.errors().full() ? "" : suggestion(*name, names_of(scenario_.hosts)));
    return nullptr;
  }

  std::optional<std::pair<std::string, std::uint64_t>> instance_of(const Field& field) const {
    if (field.node().kind != JsonKind::object) {
      const HostGroup* const host = host_of(field);
      if (host == nullptr) return std::nullopt;
      if (host->count == 1) return std::pair{host->name, std::uint64_t{0}};
      field.refuse("which host of the group", R"(write {"host": ..., "instance": 0})");
      return std::nullopt;
    }
    const ObjectReader reader(field, host_instance_keys);
    const auto host_field = reader.need("host", "the name of a host");
    const HostGroup* const host = host_field ? host_of(*host_field) : nullptr;
    if (host == nullptr) return std::nullopt;
    const auto instance_field = reader.get("instance");
    const auto instance =
        instance_field ? instance_field->integer(0, static_cast<std::int64_t>(host->count) - 1) : std::int64_t{0};
    if (!instance) return std::nullopt;
    return std::pair{host->name, static_cast<std::uint64_t>(*instance)};
  }

  std::optional<std::pair<std::string, Endpoint>> back_end_of(const Field& field) {
    const ObjectReader reader(field, back_end_keys);
    const auto balancer_field = reader.need("balancer", "the name of a balancer");
    const auto name = balancer_field ? balancer_field->string("the name of a balancer") : std::nullopt;
    const auto back_end_field = reader.need("back_end", "one of its back ends");
    const auto back_end = back_end_field ? endpoint_of(*back_end_field) : std::nullopt;
    if (!name || !back_end) return std::nullopt;
    const auto balancer = scenario_.balancers.find(*name);
    if (balancer == scenario_.balancers.end()) {
      balancer_field->refuse("the name of a balancer",
                             field.errors().full() ? "" : suggestion(*name, names_of(scenario_.balancers)));
      return std::nullopt;
    }
    const auto [back_ends, is_new] = back_ends_.try_emplace(*name);
    if (is_new) back_ends->second = {balancer->second.back_ends.begin(), balancer->second.back_ends.end()};
    if (!back_ends->second.contains(*back_end)) {
      back_end_field->refuse(fmt::format("one of the back ends of {}", *name));
      return std::nullopt;
    }
    return std::pair{*name, *back_end};
  }

  std::optional<SettingChange> setting_of(const Field& field, SimTime at) {
    const ObjectReader reader(field, setting_change_keys);
    const auto host_field = reader.need("host", "the name of a host");
    const HostGroup* const host = host_field ? host_of(*host_field) : nullptr;
    const auto setting_field = reader.need("setting", "the name of a setting");
    const auto setting = setting_field ? setting_field->string("the name of a setting") : std::nullopt;
    const auto value_field = reader.need("value", "what to write");
    const auto value = value_field ? setting_text(*value_field) : std::nullopt;
    if (host == nullptr || !setting || !value) return std::nullopt;
    SettingChange change{host->name, *setting, *value};
    changes_.push_back({at, change, *setting_field, *value_field});
    return change;
  }

  std::optional<AddressAdded> address_added(const Field& field) const {
    const ObjectReader reader(field, added_address_keys);
    const auto host_field = reader.need("host", "the name of a host");
    const HostGroup* const host = host_field ? host_of(*host_field) : nullptr;
    const auto address_field = reader.need("address", "the new address");
    const auto block = address_field ? interface_address_of(*address_field) : std::nullopt;
    if (host == nullptr || !block) return std::nullopt;
    if (host->settings.ipv6_disabled && !block->address.unmapped().is_v4()) {
      address_field->complain(fmt::format("{} has no IPv6 (net.ipv6.conf.all.disable_ipv6)", host->name));
      return std::nullopt;
    }
    if (host->count > 1) {
      host_field->complain("an address can be added to a single host only, not to a group");
      return std::nullopt;
    }
    return AddressAdded{host->name, *block};
  }

  Scenario& scenario_;
  std::map<std::string, Settings> settings_;  // as the changes so far leave them
  std::vector<PlannedChange> changes_;
  std::map<std::string, std::set<Endpoint>> back_ends_;  // of the balancers that were asked for
};

}  // namespace

void load_events(const Field& field, Scenario& scenario) {
  EventLoader loader(scenario);
  for (const Field& item : field.list("a list of events").value_or(std::vector<Field>{})) loader.load(item);
  loader.check_setting_changes();
  std::stable_sort(scenario.events.begin(), scenario.events.end(),
                   [](const Event& a, const Event& b) { return a.at < b.at; });
}

}  // namespace netlimits::scenarios
