#include <algorithm>
#include <utility>

#include "model/host_state.hpp"

namespace netlimits {
namespace {

constexpr Rule process_limit_rule = Rule::descriptors_process;
constexpr Rule host_limit_rule = Rule::descriptors_host;

}  // namespace

// The order: EMFILE before ENFILE (fs/file.c alloc_fd is asked first; fs/file_table.c alloc_empty_file then). macOS
// asks the other way round.
std::optional<Refusal> Host::State::descriptor_refusal(std::uint32_t process) const {
  const Rules& own = rules();
  const bool process_full = own.descriptors_bind && processes[process].descriptors.full();
  const bool host_full = open_files >= settings().file_max;
  if (!process_full && !host_full) return std::nullopt;
  if (process_full && !(host_full && own.host_files_before_process))
    return Refusal{own.descriptors_exhausted, Limit::fd_per_process, process_limit_rule};
  return Refusal{own.files_exhausted, Limit::fd_per_host, host_limit_rule};
}

void Host::State::open_descriptor(std::uint32_t process) { processes[process].descriptors.open(); }
void Host::State::close_descriptor(std::uint32_t process) { processes[process].descriptors.close(); }

void Host::State::open_file(std::uint64_t count) {
  open_files += count;
  peak_files = std::max(peak_files, open_files);
}

void Host::State::close_from(SocketIndex index, std::uint32_t process, SimTime now, Effects& effects) {
  close_descriptor(process);
  const auto other =
      std::find_if(inherited.begin(), inherited.end(), [&](const Inherited& held) { return held.socket == index; });
  if (other != inherited.end()) {
    const auto own = std::find_if(inherited.begin(), inherited.end(), [&](const Inherited& held) {
      return held.socket == index && held.process == process;
    });
    if (own != inherited.end()) {
      inherited.erase(own);
    } else {
      sockets[index].process = other->process;
      inherited.erase(other);
    }
    return;
  }
  close_file();
  close_last(index, now, effects);
}

ProcessId Host::add_process(ProcessConfig config) {
  State& state = *state_;
  const std::uint32_t own = config.own_descriptors;
  state.open_file(own);
  DescriptorTable descriptors(config.nofile, own);
  state.processes.push_back({std::move(config), descriptors, true});
  return {static_cast<std::uint32_t>(state.processes.size() - 1)};
}

void Host::exit_process(ProcessId process, SimTime now, Effects& effects) {
  State& state = *state_;
  const std::uint32_t ended = process.value;
  if (ended >= state.processes.size() || !state.processes[ended].alive) return;
  std::vector<SocketIndex> own;
  for (SocketIndex index = 0; index < state.sockets.used(); ++index) {
    const SocketRecord& record = state.sockets[index];
    if (record.is_live() && record.descriptor && record.process == ended) own.push_back(index);
  }
  for (const State::Inherited& held : state.inherited)
    if (held.process == ended) own.push_back(held.socket);
  // In the order of their descriptors, as far as that is the order of creation.
  std::sort(own.begin(), own.end(),
            [&](SocketIndex a, SocketIndex b) { return state.sockets[a].generation < state.sockets[b].generation; });
  for (const SocketIndex index : own)
    if (state.sockets[index].is_live()) state.close_from(index, ended, now, effects);
  DescriptorTable& descriptors = state.processes[ended].descriptors;
  state.close_file(descriptors.in_use());
  descriptors.close(descriptors.in_use());
  state.processes[ended].alive = false;
}

Outcome<void> Host::inherit(SocketId socket, ProcessId by) {
  State& state = *state_;
  const auto found = state.open_socket(socket);
  if (!found) return tl::unexpected(found.error());
  if (const auto refusal = state.descriptor_refusal(by.value);
      refusal && refusal->limit == Limit::fd_per_process)  // the file is open already
    return tl::unexpected(*refusal);
  state.inherited.push_back({*found, by.value});
  state.open_descriptor(by.value);
  return {};
}

std::uint64_t Host::open_files(ProcessId process, std::uint64_t count) {
  State& state = *state_;
  DescriptorTable& descriptors = state.processes[process.value].descriptors;
  if (!state.processes[process.value].alive) return 0;
  const std::uint64_t file_max = state.settings().file_max;
  std::uint64_t opened = std::min(count, file_max > state.open_files ? file_max - state.open_files : 0);
  if (state.rules().descriptors_bind) opened = std::min(opened, descriptors.free());
  descriptors.open(opened);
  state.open_file(opened);
  return opened;
}

void Host::close_files(ProcessId process, std::uint64_t count) {
  State& state = *state_;
  DescriptorTable& descriptors = state.processes[process.value].descriptors;
  const std::uint64_t closing = std::min(count, descriptors.in_use());
  descriptors.close(closing);
  state.close_file(closing);
}

std::optional<Refusal> Host::descriptor_refusal(ProcessId process) const {
  return state_->descriptor_refusal(process.value);
}

DescriptorUse Host::descriptors(ProcessId process) const {
  const DescriptorTable& table = state_->processes[process.value].descriptors;
  return {table.in_use(), table.peak(), table.limit()};
}

DescriptorUse Host::files() const { return {state_->open_files, state_->peak_files, state_->settings().file_max}; }

}  // namespace netlimits
