// A place as text, and its hash.
#include "model/scenario/place.hpp"

#include <fmt/format.h>

#include <boost/container_hash/hash.hpp>
#include <type_traits>

namespace netlimits {
namespace {

// What processes share is copied byte by byte.
static_assert(std::is_trivially_copyable_v<Place>);
static_assert(std::is_trivially_destructible_v<Place>);

std::string text_of(const HostPlace& host) {
  return host.count == 1 ? std::string(host.name.view()) : fmt::format("{}[{}]", host.name.view(), host.count);
}

std::string text_of(const ProcessPlace& process) {
  return fmt::format("{}/{}", text_of(process.on), process.process.view());
}

std::string text_of(const ListenerPlace& listener) {
  const std::string whose =
      listener.process.empty() ? text_of(listener.on) : text_of(ProcessPlace{listener.on, listener.process});
  return fmt::format("{} {}", whose, listener.endpoint.text());
}

std::string text_of(const OutboundPlace& outbound) {
  std::string text = text_of(outbound.on);
  if (std::holds_alternative<All>(outbound.source)) text += " *";
  if (const auto* source = std::get_if<IpAddress>(&outbound.source)) text += fmt::format(" {}", source->text());
  if (const auto* to = std::get_if<Endpoint>(&outbound.destination)) return fmt::format("{} -> {}", text, to->text());
  return text + (std::holds_alternative<All>(outbound.destination) ? " -> *" : " -> any one destination");
}

std::string text_of(const BalancerPlace& balancer) { return std::string(balancer.balancer.view()); }

std::string text_of(const BackEndPlace& back_end) {
  return fmt::format("{} -> {}", back_end.balancer.view(), back_end.back_end.text());
}

std::string text_of(const GatewayPlace& gateway) {
  struct Ports {
    std::string operator()(const All&) const { return "*"; }
    std::string operator()(const IpAddress& address) const { return address.text(); }
    std::string operator()(const HostPlace& host) const { return text_of(host); }
  };
  return fmt::format("{} {} -> {}", gateway.gateway.view(), std::visit(Ports{}, gateway.ports),
                     gateway.destination.text());
}

std::string text_of(const GatewayTablePlace& table) { return std::string(table.gateway.view()); }

// ---- hashes
void mix(std::size_t& seed, const Name& name) { boost::hash_combine(seed, hash_value(name)); }
void mix(std::size_t& seed, const HostPlace& host) {
  mix(seed, host.name);
  boost::hash_combine(seed, host.count);
}
void mix(std::size_t& seed, const ProcessPlace& process) {
  mix(seed, process.on);
  mix(seed, process.process);
}
void mix(std::size_t& seed, const ListenerPlace& listener) {
  mix(seed, listener.on);
  mix(seed, listener.process);
  boost::hash_combine(seed, hash_value(listener.endpoint));
}
void mix(std::size_t& seed, const OutboundPlace& outbound) {
  mix(seed, outbound.on);
  boost::hash_combine(seed, outbound.source.index());
  if (const auto* source = std::get_if<IpAddress>(&outbound.source)) boost::hash_combine(seed, hash_value(*source));
  boost::hash_combine(seed, outbound.destination.index());
  if (const auto* to = std::get_if<Endpoint>(&outbound.destination)) boost::hash_combine(seed, hash_value(*to));
}
void mix(std::size_t& seed, const BalancerPlace& balancer) { mix(seed, balancer.balancer); }
void mix(std::size_t& seed, const BackEndPlace& back_end) {
  mix(seed, back_end.balancer);
  boost::hash_combine(seed, hash_value(back_end.back_end));
}
void mix(std::size_t& seed, const GatewayPlace& gateway) {
  mix(seed, gateway.gateway);
  boost::hash_combine(seed, gateway.ports.index());
  if (const auto* address = std::get_if<IpAddress>(&gateway.ports)) boost::hash_combine(seed, hash_value(*address));
  if (const auto* host = std::get_if<HostPlace>(&gateway.ports)) mix(seed, *host);
  boost::hash_combine(seed, hash_value(gateway.destination));
}

void mix(std::size_t& seed, const GatewayTablePlace& table) { mix(seed, table.gateway); }

struct HostOf {
  const HostPlace* operator()(const HostPlace& host) const { return &host; }
  const HostPlace* operator()(const BalancerPlace&) const { return nullptr; }
  const HostPlace* operator()(const BackEndPlace&) const { return nullptr; }
  const HostPlace* operator()(const GatewayPlace&) const { return nullptr; }
  const HostPlace* operator()(const GatewayTablePlace&) const { return nullptr; }
  template <class OnHost>
  const HostPlace* operator()(const OnHost& part) const {
    return &part.on;
  }
};

}  // namespace

const HostPlace* Place::host() const { return std::visit(HostOf{}, what); }

std::string Place::text() const {
  return std::visit([](const auto& part) { return text_of(part); }, what);
}

std::size_t hash_value(const Place& place) {
  std::size_t seed = place.what.index();
  std::visit([&](const auto& part) { mix(seed, part); }, place.what);
  return seed;
}

bool has_no_source(const Place& place) {
  const auto* way = std::get_if<OutboundPlace>(&place.what);
  const auto* source = way != nullptr ? std::get_if<IpAddress>(&way->source) : nullptr;
  return source != nullptr && source->is_wildcard();
}

bool is_told_at_once(const PlacedLimit& limit) {
  return limit.limit == Limit::no_listener || (limit.limit == Limit::no_route && has_no_source(limit.place));
}

}  // namespace netlimits
