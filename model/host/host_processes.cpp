// Processes, and the descriptors that are no sockets.
#include <utility>

#include "model/host/host_state.hpp"

namespace netlimits {

ProcessId Host::add_process(ProcessConfig config) { return state_->processes.add(std::move(config)); }

std::vector<SocketId> Host::closing_order(ProcessId process) const {
  const State& state = *state_;
  std::vector<SocketId> order;
  for (const auto& [number, index] : state.processes.descriptors_of(state.sockets, process))
    if (!state.processes.shared(index)) order.push_back(state.sockets.id(index));
  return order;
}

void Host::exit_process(ProcessId process, SimTime now, Effects& effects) {
  State& state = *state_;
  if (!state.processes.alive(process)) return;
  for (const auto& [number, index] : state.processes.descriptors_of(state.sockets, process))
    state.close(index, process, now, effects);
  state.processes.end(process);
}

Outcome<void> Host::inherit(SocketId socket, ProcessId by) {
  State& state = *state_;
  const auto found = state.sockets.open(socket);
  if (!found) return tl::unexpected(found.error());
  return state.processes.share(*found, by, settings(), state.account.rules());
}

std::uint64_t Host::open_files(ProcessId process, std::uint64_t count) {
  return state_->processes.open_files(process, count, settings(), state_->account.rules());
}

void Host::close_files(ProcessId process, std::uint64_t count) { state_->processes.close_files(process, count); }

std::optional<Refusal> Host::descriptor_refusal(ProcessId process) const {
  return state_->processes.refusal(process, settings(), state_->account.rules());
}

DescriptorUse Host::descriptors(ProcessId process) const { return state_->processes.use(process); }
DescriptorUse Host::files() const { return state_->processes.files(settings()); }

}  // namespace netlimits
