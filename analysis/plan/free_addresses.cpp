// Runs of taken addresses, sorted; what lies between them is free.
#include "analysis/plan/free_addresses.hpp"

#include <algorithm>
#include <limits>

namespace netlimits::analysis {
namespace {

constexpr std::uint64_t mapped = 0x0000ffff00000000ULL;  // where IPv4 lies in the lower half
constexpr std::uint64_t no_more = std::numeric_limits<std::uint64_t>::max();

std::uint64_t end_of(Family family) { return family == Family::inet ? mapped | 0xffffffffULL : no_more; }

bool belongs_to(const HostGroup& host, const IpAddress& address) {
  const IpAddress plain = address.unmapped();
  return std::any_of(host.addresses.begin(), host.addresses.end(), [&](const AddressBlock& block) {
    const IpAddress first = block.address.unmapped();
    const bool behind = first.family() == plain.family() && first.high() == plain.high() && first.low() <= plain.low();
    const std::uint64_t steps = plain.low() - first.low();
    return behind && steps % host.address_stride == 0 && steps / host.address_stride < host.count;
  });
}

}  // namespace

FreeAddresses::FreeAddresses(const Scenario& scenario, const HostGroup* left_out) {
  take(IpAddress::v4(0), (1U << 24U) - 1);
  take(IpAddress::v4(0x7f000000U), (1U << 24U) - 1);
  take(IpAddress::v4(0xe0000000U), 0x1fffffffU);
  for (const auto& [name, host] : scenario.hosts) {
    if (&host == left_out) continue;
    for (const AddressBlock& block : host.addresses) take(block.address, span_of(host) - 1);
  }
  for (const Event& event : scenario.events) {
    if (const auto* const added = std::get_if<AddressAdded>(&event.what)) take(added->block.address, 0);
  }
  const auto take_unless_own = [&](const IpAddress& address) {
    if (left_out == nullptr || !belongs_to(*left_out, address)) take(address, 0);
  };
  for (const auto& [name, balancer] : scenario.balancers) {
    take(balancer.endpoint.address, 0);
    for (const Endpoint& back_end : balancer.back_ends) take_unless_own(back_end.address);
  }
  for (const auto& [name, gateway] : scenario.gateways) {
    for (const IpAddress& address : gateway.addresses) take(address, 0);
  }
  for (const auto& [name, workload] : scenario.workloads) {
    for (const Endpoint& to : workload.to) take_unless_own(to.address);
  }
  std::sort(taken_.begin(), taken_.end());
}

void FreeAddresses::take(const IpAddress& first, std::uint64_t steps) {
  const IpAddress plain = first.unmapped();
  const std::uint64_t room = end_of(plain.family()) - plain.low();
  taken_.push_back({plain.family(), plain.high(), plain.low(), plain.low() + std::min(steps, room)});
}

std::optional<IpAddress> FreeAddresses::run_behind(const IpAddress& after, std::uint64_t count) const {
  const IpAddress plain = after.unmapped();
  const std::uint64_t end = end_of(plain.family());
  std::uint64_t first = plain.low();
  if (count == 0 || first == end) return std::nullopt;
  ++first;
  for (const Run& run : taken_) {
    if (run.family != plain.family() || run.high != plain.high() || run.last < first) continue;
    if (run.first > first && run.first - first >= count) break;
    if (run.last == end) return std::nullopt;
    first = run.last + 1;
  }
  if (end - first < count - 1) return std::nullopt;
  return plain.plus(first - plain.low());
}

std::uint64_t FreeAddresses::free_from(const IpAddress& first) const {
  const IpAddress plain = first.unmapped();
  for (const Run& run : taken_) {
    if (run.family != plain.family() || run.high != plain.high() || run.last < plain.low()) continue;
    return run.first <= plain.low() ? 0 : run.first - plain.low();
  }
  const std::uint64_t room = end_of(plain.family()) - plain.low();
  return room == no_more ? room : room + 1;
}

std::uint64_t span_of(const HostGroup& host) { return (host.count - 1) * host.address_stride + 1; }

std::optional<IpAddress> last_address_of(const HostGroup& host, Family family) {
  std::optional<IpAddress> last;
  for (const AddressBlock& block : host.addresses) {
    const IpAddress address = block.address.unmapped();
    if (address.family() == family && (!last || *last < address)) last = address;
  }
  return last;
}

std::vector<IpAddress> add_addresses(Scenario& scenario, HostGroup& host, Family family, std::uint64_t count) {
  std::vector<IpAddress> added;
  const auto last = last_address_of(host, family);
  if (!last) return added;
  const std::uint64_t span = span_of(host);
  const FreeAddresses free(scenario);
  IpAddress behind = *last;
  for (std::uint64_t i = 0; i < count; ++i) {
    const auto first = free.run_behind(behind, span);
    if (!first) return added;
    host.addresses.push_back(AddressBlock::single(*first));
    added.push_back(*first);
    behind = first->plus(span - 1);
  }
  return added;
}

}  // namespace netlimits::analysis
