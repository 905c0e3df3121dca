// A host field by field: profile, addresses, settings; then the checks of settings, names and listeners that other
// loaders share.
#include "scenarios/host_loader.hpp"

#include <algorithm>
#include <limits>
#include <set>
#include <utility>

#include <fmt/format.h>

#include "model/scenario/listening.hpp"
#include "model/systems/setting.hpp"
#include "scenarios/address_fields.hpp"
#include "scenarios/address_ownership.hpp"
#include "scenarios/gateways/conntrack_loader.hpp"
#include "scenarios/held_loader.hpp"
#include "scenarios/json/nearest_name.hpp"
#include "scenarios/json/quantity.hpp"
#include "scenarios/origin_loader.hpp"
#include "scenarios/process_loader.hpp"
#include "scenarios/scenario_keys.hpp"
#include "scenarios/scenario_loader.hpp"

namespace netlimits::scenarios {
namespace {

constexpr std::int64_t most_addresses = 65536;  // of one host

std::shared_ptr<const OsProfile> load_profile(const ObjectReader& reader, const ProfileSet& profiles) {
  const auto field = reader.get("profile");
  if (!field) return profiles.find("linux");
  if (const auto name = field->string("the name of a profile, such as \"linux\"")) {
    if (auto profile = profiles.find(*name)) return profile;
    field->refuse("the name of a profile", profiles.suggestion(*name));
  }
  return profiles.find("linux");
}

// One entry of "addresses": one address, or as many consecutive ones as it says.
void load_addresses(const Field& field, HostGroup& host) {
  std::size_t count = 1;
  std::optional<AddressBlock> first;
  if (field.node().kind == JsonKind::object) {
    const ObjectReader reader(field, address_block_keys);
    if (const auto first_field = reader.need("first", "the first address")) first = interface_address_of(*first_field);
    if (const auto count_field = reader.need("count", "how many consecutive addresses")) {
      count = static_cast<std::size_t>(count_field->integer(1, most_addresses).value_or(1));
    }
  } else {
    first = interface_address_of(field);
  }
  if (!first) return;
  if (!stays_in_family(first->address, count - 1)) {
    field.complain(fmt::format("{} addresses from {} leave the address space", count, first->address.text()));
    return;
  }
  if (host.addresses.size() + count > static_cast<std::size_t>(most_addresses)) {
    field.complain(fmt::format("more than {} addresses of one host", most_addresses));
    return;
  }
  for (std::size_t i = 0; i < count; ++i) host.addresses.push_back({first->address.plus(i), first->length});
}

void load_settings(const Field& field, HostGroup& host) {
  if (field.node().kind != JsonKind::object) {
    field.refuse("an object of setting names and values");
    return;
  }
  const std::size_t before = field.errors().size();
  for (const JsonMember& member : field.node().members) {
    const Field value = field.value(member);
    if (member.key == "nofile") {
      value.complain("\"nofile\" is a limit of a process", "set it in \"processes\"");
      continue;
    }
    const auto text = setting_text(value);
    if (!text) continue;
    // Whether the value is legal is decided below: some settings need others first.
    if (!check_setting_name(value, member.key, *host.profile)) continue;
    host.set_by_scenario[member.key] = *text;
  }
  if (field.errors().size() != before) return;
  const auto order = writing_order(host.settings, host.profile->system, host.set_by_scenario);
  if (!order) {
    const Field value(*field.node().member(order.error()), pointer_to(field.pointer(), order.error()), field.errors());
    refuse_setting_value(value, order.error(), *host.profile);
    return;
  }
  for (const auto& [name, text] : *order) {
    static_cast<void>(write_setting(host.settings, host.profile->system, name, text));
  }
}

// net.ipv6.conf.all.disable_ipv6 takes every address of IPv6 away.
void check_ipv6(const ObjectReader& reader, const HostGroup& host) {
  const bool has_one = std::any_of(host.addresses.begin(), host.addresses.end(),
                                   [](const AddressBlock& block) { return !block.address.unmapped().is_v4(); });
  const auto addresses = reader.get("addresses");
  if (!host.settings.ipv6_disabled || !has_one || !addresses) return;
  addresses->complain(fmt::format("{} has no IPv6 (net.ipv6.conf.all.disable_ipv6), and an address of it", host.name),
                      "leave out the one or the other");
}

HostGroup load_host(const Field& field, const std::string& name, const ProfileSet& profiles) {
  const ObjectReader reader(field, host_keys);
  HostGroup host;
  host.name = name;
  host.profile = load_profile(reader, profiles);
  host.settings = host.profile->settings;
  if (const auto count = reader.get("count")) {
    host.count = static_cast<std::uint64_t>(
        count->integer(1, most_hosts, "as many hosts of a group as this program replays").value_or(1));
  }
  if (const auto addresses = reader.get("addresses")) {
    for (const Field& item : addresses->list("a list of addresses").value_or(std::vector<Field>{})) {
      load_addresses(item, host);
    }
  }
  const std::optional<Field> stride = reader.get("address_stride");
  host.address_stride = std::max<std::uint64_t>(1, consecutive_addresses(host) ? host.addresses.size() : 1);
  if (stride) {
    host.address_stride = static_cast<std::uint64_t>(stride->integer(1, std::int64_t{1} << 32).value_or(1));
    if (host.count == 1)
      stride->complain("address_stride without a count", "it is the step from host to host of a group");
  }
  check_group_addresses(field, host);
  if (const auto settings = reader.get("settings")) load_settings(*settings, host);
  check_ipv6(reader, host);
  if (const auto held = reader.get("held_ports")) load_held_ports(*held, host);
  if (const auto held = reader.get("held_connections")) load_held_connections(*held, host);
  if (const auto files = reader.get("open_files")) {
    host.open_files =
        static_cast<std::uint64_t>(files->integer(0, std::numeric_limits<std::int64_t>::max()).value_or(0));
  }
  if (const auto table = reader.get("conntrack")) host.conntrack = load_conntrack(*table, TableOf::host);
  if (const auto processes = reader.get("processes")) load_processes(*processes, host);
  if (const auto held = reader.get("held_ports")) check_held_ports_fit(*held, host);
  if (const auto origin = reader.get("origin")) host.origin = load_origin(*origin);
  return host;
}

}  // namespace

std::optional<std::string> setting_text(const Field& field) {
  if (field.node().kind == JsonKind::integer) return fmt::format("{}", field.node().integer);
  return field.string("the value as one would write it, such as \"1024 65535\" or 128");
}

bool check_setting_name(const Field& field, const std::string& name, const OsProfile& profile) {
  const auto info = setting_named(profile.system, name);
  if (!info || profile.settings_absent.contains(name)) {
    std::vector<std::string> known;
    for (const SettingInfo& one : settings_of(profile.system)) {
      if (one.scope != SettingScope::fixed && !profile.settings_absent.contains(one.name)) known.emplace_back(one.name);
    }
    const std::string why =
        info ? fmt::format("{} does not exist in {}", in_quotes(name), profile.name)
             : fmt::format("{} is no setting that the model of {} knows", in_quotes(name), profile.system);
    field.complain(why, info ? "" : suggestion(name, known));
    return false;
  }
  if (info->scope == SettingScope::fixed) {
    field.complain(fmt::format("{} is a constant of the system: no setting changes it", in_quotes(name)));
    return false;
  }
  return true;
}

void refuse_setting_value(const Field& field, const std::string& name, const OsProfile& profile) {
  field.refuse(std::string(setting_named(profile.system, name)->expects), fmt::format("{} refuses it", profile.name));
}

bool check_setting(const Field& name_at, const Field& value_at, const std::string& name, const std::string& value,
                   const OsProfile& profile, Settings& settings) {
  if (!check_setting_name(name_at, name, profile)) return false;
  if (write_setting(settings, profile.system, name, value)) return true;
  refuse_setting_value(value_at, name, profile);
  return false;
}

bool check_name(const Field& field, const std::string& name, std::string_view what) {
  const bool plain =
      name.find_first_not_of("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-") == std::string::npos;
  if (!name.empty() && name.size() <= 64 && plain) return true;
  field.complain(fmt::format("{} is no name for a {}", in_quotes(name), what),
                 "use letters, digits, '.', '_' and '-', at most 64 of them");
  return false;
}

std::map<std::string, HostGroup> load_hosts(const Field& field, const ProfileSet& profiles) {
  std::map<std::string, HostGroup> hosts;
  if (field.node().kind != JsonKind::object || field.node().members.empty()) {
    field.refuse("an object of hosts by name");
    return hosts;
  }
  std::int64_t total = 0;
  for (const JsonMember& member : field.node().members) {
    const Field value = field.value(member);
    check_name(value, member.key, "host");
    hosts[member.key] = load_host(value, member.key, profiles);
    total += static_cast<std::int64_t>(hosts[member.key].count);
  }
  if (total > most_hosts)
    field.complain(fmt::format("{} hosts in all", total), fmt::format("at most {} are replayed", most_hosts));
  if (field.errors().empty()) check_addresses_are_unique(field, hosts);
  return hosts;
}

bool check_listener_at(const Field& field, const HostGroup& host, const Endpoint& endpoint,
                       const ListeningIndex& listening, std::string_view advice) {
  const Listening found = listening.at(host, endpoint);
  if (!found.listeners.empty()) return true;
  const std::string what_to_do(advice);
  if (found.held) {
    field.complain(
        fmt::format("{} on {} is among the held ports: nobody accepts what connects there", endpoint.text(), host.name),
        what_to_do);
  } else {
    const std::string others = field.errors().full() ? std::string() : listeners_text(host);
    field.complain(fmt::format("nothing listens at {} on {} (it listens at {})", endpoint.text(), host.name, others),
                   what_to_do);
  }
  return false;
}

std::string listeners_text(const HostGroup& host) {
  std::vector<std::string> texts;
  for (const Process& process : host.processes) {
    for (const Listener& listener : process.listeners) texts.push_back(listener.endpoint.text());
  }
  return texts.empty() ? "nothing" : first_few(texts);
}

}  // namespace netlimits::scenarios
