// Groups become runs of addresses without gaps, which are sorted to find two that overlap.
#include "scenarios/address_ownership.hpp"

#include <algorithm>
#include <limits>
#include <vector>

#include <fmt/format.h>

namespace netlimits::scenarios {
namespace {

// What a list of single addresses may grow to when a group's addresses do not form one run.
constexpr std::uint64_t most_listed = 1'000'000;

struct AddressRun {
  IpAddress first;
  IpAddress last;
  const HostGroup* host;
};

// Do the addresses of all hosts of the group form one run without gaps?
bool one_run(const HostGroup& host) {
  return consecutive_addresses(host) && (host.count == 1 || host.address_stride == host.addresses.size());
}

std::uint64_t steps_to_last(const HostGroup& host) { return (host.count - 1) * host.address_stride; }

std::vector<AddressRun> runs_of(const HostGroup& host) {
  std::vector<AddressRun> runs;
  if (host.addresses.empty()) return runs;
  if (one_run(host)) {
    runs.push_back({host.addresses.front().address, host.addresses.back().address.plus(steps_to_last(host)), &host});
    return runs;
  }
  for (const AddressBlock& block : host.addresses) {
    for (std::uint64_t i = 0; i < host.count; ++i) {
      const IpAddress address = block.address.plus(i * host.address_stride);
      runs.push_back({address, address, &host});
    }
  }
  return runs;
}

// The first pair of runs that share an address; sorts them.
const AddressRun* first_overlap(std::vector<AddressRun>& runs) {
  std::stable_sort(runs.begin(), runs.end(), [](const AddressRun& a, const AddressRun& b) {
    return std::pair(a.first.family(), a.first) < std::pair(b.first.family(), b.first);
  });
  for (std::size_t i = 1; i < runs.size(); ++i) {
    if (runs[i].first.family() == runs[i - 1].last.family() && runs[i].first <= runs[i - 1].last) return &runs[i];
  }
  return nullptr;
}

}  // namespace

bool stays_in_family(const IpAddress& address, std::uint64_t steps) {
  if (address.is_v4()) return steps <= 0xffffffffULL - address.v4_bits();
  return address.high() != std::numeric_limits<std::uint64_t>::max() ||
         steps <= std::numeric_limits<std::uint64_t>::max() - address.low();
}

bool consecutive_addresses(const HostGroup& host) {
  for (std::size_t i = 1; i < host.addresses.size(); ++i) {
    const IpAddress& before = host.addresses[i - 1].address;
    if (before.family() != host.addresses[i].address.family() || !stays_in_family(before, 1) ||
        before.plus(1) != host.addresses[i].address) {
      return false;
    }
  }
  return true;
}

void check_group_addresses(const Field& field, const HostGroup& host) {
  for (const AddressBlock& block : host.addresses) {
    if (!stays_in_family(block.address, steps_to_last(host))) {
      field.complain(fmt::format("{} hosts from {} in steps of {} leave the address space", host.count,
                                 block.address.text(), host.address_stride));
      return;
    }
  }
  if (!one_run(host) && host.count > most_listed / std::max<std::size_t>(1, host.addresses.size())) {
    field.complain("so many hosts whose addresses are not consecutive", "give them consecutive addresses");
    return;
  }
  auto runs = runs_of(host);
  if (const AddressRun* const twice = first_overlap(runs)) {
    field.complain(fmt::format("the address {} is there twice", twice->first.text()),
                   host.count > 1 ? "give the hosts of the group an address_stride that keeps them apart" : "");
  }
}

void check_addresses_are_unique(const Field& field, const std::map<std::string, HostGroup>& hosts) {
  std::vector<AddressRun> runs;
  for (const auto& [name, host] : hosts) {
    const auto own = runs_of(host);
    runs.insert(runs.end(), own.begin(), own.end());
  }
  const AddressRun* const second = first_overlap(runs);
  if (second == nullptr) return;
  const JsonNode& node = *field.node().member(second->host->name);
  const AddressRun& first = *(second - 1);
  Field(node, pointer_to(field.pointer(), second->host->name), field.errors())
      .complain(fmt::format("the address {} belongs to {} and to {}", second->first.text(), first.host->name,
                            second->host->name),
                "an address belongs to one host");
}

LocalAddresses::LocalAddresses(const HostGroup& host) {
  if (host.count > 1) return;
  for (const AddressBlock& block : host.addresses) own_.insert(block.address);
}

bool LocalAddresses::has(const IpAddress& address) const {
  return address.is_wildcard() || address.is_loopback() || own_.contains(address);
}

}  // namespace netlimits::scenarios
