// Only a wildcard, or the very address, overlaps with an address: so two lists hold all that can be in the way.
#include "model/scenario/open_listeners.hpp"

#include <algorithm>

#include "model/scenario/bound_socket.hpp"
#include "model/systems/rule_book.hpp"

namespace netlimits {

bool OpenListeners::conflict(const Open& open, const Listener& listener) const {
  return !(open.reuse_port && listener.reuse_port) &&
         bound_addresses_overlap(*settings_, *rules_, open.endpoint.address, listener.endpoint.address);
}

bool OpenListeners::is_open(const AtPort& at, const Listener& listener) const {
  const auto same = at.by_address.find(listener.endpoint.address.unmapped());
  if (same == at.by_address.end()) return false;
  return std::any_of(same->second.begin(), same->second.end(), [&](std::size_t index) {
    return open_[index].endpoint == listener.endpoint && open_[index].reuse_port == listener.reuse_port;
  });
}

const OpenListeners::Open* OpenListeners::in_the_way(const Listener& listener) const {
  const auto found = ports_.find(listener.endpoint.port.value);
  if (found == ports_.end()) return nullptr;
  const AtPort& at = found->second;
  // One that shares the port with all that are open has one more like it beside itself.
  if (listener.reuse_port && is_open(at, listener)) return nullptr;
  std::size_t first = open_.size();
  const auto look_at = [&](const std::vector<std::size_t>& candidates) {
    for (const std::size_t index : candidates) {
      if (index < first && conflict(open_[index], listener)) first = index;
    }
  };
  const bool apart = rules_->has(Rule::bind_addresses_apart) && rules_->has(Rule::bind_families_apart);
  if (listener.endpoint.address.is_wildcard() || !apart) {
    look_at(at.all);
  } else {
    look_at(at.wildcards);
    if (const auto same = at.by_address.find(listener.endpoint.address.unmapped()); same != at.by_address.end())
      look_at(same->second);
  }
  return first == open_.size() ? nullptr : &open_[first];
}

void OpenListeners::add(const Listener& listener, const std::string& process) {
  AtPort& at = ports_[listener.endpoint.port.value];
  if (is_open(at, listener)) return;
  const std::size_t index = open_.size();
  open_.push_back({listener.endpoint, listener.reuse_port, process});
  if (listener.endpoint.address.is_wildcard()) at.wildcards.push_back(index);
  at.by_address[listener.endpoint.address.unmapped()].push_back(index);
  at.all.push_back(index);
}

}  // namespace netlimits
