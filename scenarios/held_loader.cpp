// Held ports, then held connections; and the search for a four-tuple that is taken twice.
#include "scenarios/held_loader.hpp"

#include <algorithm>
#include <optional>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "model/scenario/bound_socket.hpp"
#include "scenarios/address_fields.hpp"
#include "scenarios/address_ownership.hpp"
#include "scenarios/json/quantity.hpp"
#include "scenarios/scenario_keys.hpp"

namespace netlimits::scenarios {
namespace {

const std::vector<std::string> state_names{"open", "time_wait", "fin_wait_2"};

std::string groups_hint(const HostGroup& host, const char* instead) {
  return host.count > 1 ? std::string("a group's hosts differ in their addresses: ") + instead : std::string();
}

// How long the entry of a connection that has ended is there yet.
Duration load_ends_after(const ObjectReader& reader, const HostGroup& host, HeldConnectionState state) {
  const auto field = reader.get("ends_after");
  const bool waits = state == HeldConnectionState::time_wait;
  const Duration whole = std::max(Duration::zero(), waits ? host.settings.time_wait : host.settings.fin_timeout);
  if (!field) return state == HeldConnectionState::open ? Duration::zero() : whole;
  if (state == HeldConnectionState::open) {
    field->complain("only entries in time_wait or fin_wait_2 end by themselves", "leave it out");
    return Duration::zero();
  }
  const auto value = duration_of(*field);
  if (value && *value > whole) {
    field->refuse(fmt::format("at most {} s, as long as such an entry lasts here", whole / std::chrono::seconds(1)));
  }
  return value.value_or(whole);
}

// Some four-tuples that are taken, and the entry that takes them.
struct Taken {
  IpAddress from;
  Endpoint to;
  PortRange ports;
  std::size_t entry;
};

// The entry that takes a four-tuple a second time.
std::optional<std::size_t> taken_twice(std::vector<Taken> taken) {
  const auto key = [](const Taken& one) { return std::tie(one.from, one.to, one.ports.first, one.entry); };
  std::sort(taken.begin(), taken.end(), [&](const Taken& a, const Taken& b) { return key(a) < key(b); });
  for (std::size_t i = 1; i < taken.size(); ++i) {
    const Taken& before = taken[i - 1];
    if (before.from == taken[i].from && before.to == taken[i].to && taken[i].ports.first <= before.ports.last)
      return std::max(before.entry, taken[i].entry);
  }
  return std::nullopt;
}

std::optional<HeldConnections> load_connections(const Field& item, const HostGroup& host, const LocalAddresses& local) {
  const ObjectReader reader(item, held_connections_keys);
  HeldConnections held;
  std::optional<IpAddress> from;
  if (const auto from_field = reader.need("from", "the local address")) {
    from = address_of(*from_field);
    if (from && (from->is_wildcard() || !local.has(*from))) {
      from_field->refuse("a loopback address, or an address of this host",
                         groups_hint(host, "only loopback addresses are on every one"));
      from.reset();
    }
  }
  const auto to_field = reader.need("to", "the other end");
  const auto to = to_field ? endpoint_of(*to_field) : std::nullopt;
  const auto ports_field = reader.need("ports", "the local ports");
  auto ports = ports_field ? ports_of(*ports_field) : std::nullopt;
  if (const auto state = reader.get("state")) {
    if (const auto index = state->choice(state_names)) held.state = static_cast<HeldConnectionState>(*index);
  }
  held.ends_after = load_ends_after(reader, host, held.state);
  if (!from || !to || !ports) return std::nullopt;
  if (from->family() != to->address.family()) {
    to_field->complain(fmt::format("{} cannot be reached from {}: another family", to->text(), from->text()));
    return std::nullopt;
  }
  held.from = *from;
  held.to = *to;
  held.ports = std::move(*ports);
  return held;
}

}  // namespace

void load_held_ports(const Field& field, HostGroup& host) {
  const LocalAddresses local(host);
  for (const Field& item : field.list("a list of held ports").value_or(std::vector<Field>{})) {
    const ObjectReader reader(item, held_ports_keys);
    std::optional<IpAddress> address;
    if (const auto address_field = reader.need("address", "the local address that holds them")) {
      address = address_of(*address_field);
      if (address && !local.has(*address)) {
        address_field->refuse("the wildcard, a loopback address, or an address of this host",
                              host.count > 1 ? "a group's hosts differ in their addresses: use the wildcard" : "");
        address.reset();
      }
    }
    bool listens = true;
    if (const auto listens_field = reader.get("listens")) listens = listens_field->boolean().value_or(true);
    const auto ports_field = reader.need("ports", "which ports");
    const auto ports = ports_field ? ports_of(*ports_field) : std::nullopt;
    if (!address || !ports) continue;
    for (const PortRange& range : *ports) {
      for (const HeldPorts& held : host.held_ports) {
        if (range.first <= held.ports.last && held.ports.first <= range.last &&
            bound_addresses_overlap(host.settings, host.profile->rules, *address, held.address)) {
          item.complain("these ports are held already by an entry before", "name each port once");
        }
      }
      host.held_ports.push_back({*address, range, listens});
    }
  }
}

void load_held_connections(const Field& field, HostGroup& host) {
  const auto items = field.list("a list of held connections").value_or(std::vector<Field>{});
  const LocalAddresses local(host);
  std::vector<Taken> taken;
  std::uint64_t total = 0;
  std::uint64_t ended = 0;
  for (std::size_t entry = 0; entry < items.size(); ++entry) {
    auto held = load_connections(items[entry], host, local);
    if (!held) continue;
    for (const PortRange& range : held->ports) {
      total += range.size().value;
      if (held->state != HeldConnectionState::open) ended += range.size().value;
      taken.push_back({held->from, held->to, range, entry});
    }
    host.held_connections.push_back(std::move(*held));
    if (total * host.count <= most_held_connections) continue;
    items[entry].complain(fmt::format("more than {} connections that are held already", most_held_connections));
    return;
  }
  if (const auto twice = taken_twice(std::move(taken)))
    items[*twice].complain("one of these connections is there already", "name each four-tuple once");
  const std::uint64_t buckets = host.settings.max_time_wait_buckets;
  if (ended > buckets) {
    field.complain(fmt::format("{} entries in time_wait or fin_wait_2, and the host keeps at most {}", ended, buckets),
                   "see net.ipv4.tcp_max_tw_buckets");
  }
}

}  // namespace netlimits::scenarios
