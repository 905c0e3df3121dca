#include <algorithm>
#include <functional>
#include <utility>

#include "model/host/host_state.hpp"

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

std::uint32_t Host::State::open_descriptor(std::uint32_t process) { return processes[process].descriptors.open(); }

void Host::State::open_file(std::uint64_t count) {
  open_files += count;
  peak_files = std::max(peak_files, open_files);
}

void Host::State::close_from(SocketIndex index, std::uint32_t process, SimTime now, Effects& effects) {
  SocketRecord& record = sockets[index];
  DescriptorTable& descriptors = processes[process].descriptors;
  const auto other =
      std::find_if(inherited.begin(), inherited.end(), [&](const Inherited& held) { return held.socket == index; });
  if (other != inherited.end()) {
    const auto own = std::find_if(inherited.begin(), inherited.end(), [&](const Inherited& held) {
      return held.socket == index && held.process == process;
    });
    if (own != inherited.end()) {
      descriptors.close(own->number);
      inherited.erase(own);
    } else {
      descriptors.close(record.descriptor_number);
      record.process = other->process;
      record.descriptor_number = other->number;
      inherited.erase(other);
    }
    return;
  }
  descriptors.close(record.descriptor_number);
  close_file();
  close_last(index, now, effects);
}

ProcessId Host::add_process(ProcessConfig config) {
  State& state = *state_;
  const std::uint32_t own = config.own_descriptors;
  state.open_file(own);
  DescriptorTable descriptors(config.nofile, own);
  state.processes.push_back({std::move(config), std::move(descriptors), true});
  return {static_cast<std::uint32_t>(state.processes.size() - 1)};
}

// What a process leaves open is closed from the highest descriptor down: the files are let go in the order of their
// numbers, and the kernel then works off the last of them first (fs/file.c close_files, fs/file_table.c fput,
// kernel/task_work.c; measured on 6.18: of a connection within one process the end with the higher number closes
// first).
std::vector<std::pair<std::uint32_t, SocketIndex>> Host::State::descriptors_of(std::uint32_t process) const {
  std::vector<std::pair<std::uint32_t, SocketIndex>> own;
  for (SocketIndex index = 0; index < sockets.used(); ++index) {
    const SocketRecord& record = sockets[index];
    if (record.is_live() && record.descriptor && record.process == process)
      own.emplace_back(record.descriptor_number, index);
  }
  for (const Inherited& held : inherited)
    if (held.process == process) own.emplace_back(held.number, held.socket);
  std::sort(own.begin(), own.end(), std::greater<>());
  return own;
}

std::vector<SocketId> Host::closing_order(ProcessId process) const {
  const State& state = *state_;
  std::vector<SocketId> order;
  for (const auto& [number, index] : state.descriptors_of(process.value)) {
    const bool shared = std::any_of(state.inherited.begin(), state.inherited.end(),
                                    [&, at = index](const State::Inherited& held) { return held.socket == at; });
    if (!shared) order.push_back(state.sockets.id(index));
  }
  return order;
}

void Host::exit_process(ProcessId process, SimTime now, Effects& effects) {
  State& state = *state_;
  const std::uint32_t ended = process.value;
  if (ended >= state.processes.size() || !state.processes[ended].alive) return;
  for (const auto& [number, index] : state.descriptors_of(ended)) state.close_from(index, ended, now, effects);
  DescriptorTable& descriptors = state.processes[ended].descriptors;
  state.close_file(descriptors.in_use());
  descriptors.close_all();
  state.processes[ended].alive = false;
}

Outcome<void> Host::inherit(SocketId socket, ProcessId by) {
  State& state = *state_;
  const auto found = state.open_socket(socket);
  if (!found) return tl::unexpected(found.error());
  if (const auto refusal = state.descriptor_refusal(by.value);
      refusal && refusal->limit == Limit::fd_per_process)  // the file is open already
    return tl::unexpected(*refusal);
  state.inherited.push_back({*found, by.value, state.open_descriptor(by.value)});
  return {};
}

std::uint64_t Host::open_files(ProcessId process, std::uint64_t count) {
  State& state = *state_;
  DescriptorTable& descriptors = state.processes[process.value].descriptors;
  if (!state.processes[process.value].alive) return 0;
  const std::uint64_t file_max = state.settings().file_max;
  std::uint64_t opened = std::min(count, file_max > state.open_files ? file_max - state.open_files : 0);
  if (state.rules().descriptors_bind) opened = std::min(opened, descriptors.free());
  descriptors.open_files(opened);
  state.open_file(opened);
  return opened;
}

void Host::close_files(ProcessId process, std::uint64_t count) {
  State& state = *state_;
  DescriptorTable& descriptors = state.processes[process.value].descriptors;
  state.close_file(descriptors.close_files(count));
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
