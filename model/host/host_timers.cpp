#include "model/host/host_state.hpp"
#include "model/tcp/syn_retransmission.hpp"
#include "model/tcp/time_wait.hpp"

namespace netlimits {

void Host::on_timer(const TimerRequest& timer, SimTime now, Effects& effects) {
  State& state = *state_;
  if (!state.sockets.knows(timer.socket)) return;
  const SocketIndex index = timer.socket.index;
  SocketRecord& record = state.sockets[index];
  if (record.timer_round != timer.round) return;
  switch (timer.kind) {
    case TimerKind::syn_retransmission:
      return state.syn_timer(index, now, effects);
    case TimerKind::synack_retransmission:
      return state.synack_timer(index, now, effects);
    case TimerKind::time_wait:
      state.mark(Rule::time_wait_over);
      return state.destroy_with_notice(index, effects);
    case TimerKind::orphan:
      state.mark(Rule::orphan_over);
      return state.destroy_with_notice(index, effects);
    case TimerKind::delayed_ack:
      state.mark(Rule::close_delayed_ack);
      return state.send_ack(record, effects);
    case TimerKind::data_retransmission:
      return state.data_timer(index, now, effects);
    case TimerKind::fin_wait_2:
      state.mark_if(record.light, Rule::fin_wait_over);
      if (record.light) return state.destroy_with_notice(index, effects);
      return state.enter_time_wait(index, true, fin_wait_plan(state.settings().fin_timeout).as_light_entry, now,
                                   effects);
  }
}

void Host::State::syn_timer(SocketIndex index, SimTime now, Effects& effects) {
  SocketRecord& record = sockets[index];
  if (record.retries >= syn_retransmissions(settings(), rules()))
    return fail_connection(index, Refusal{rules().timed_out, std::nullopt, Rule::connect_timed_out}, now, effects);
  ++record.retries;
  mark(Rule::connect_syn_repeated);
  send_syn(record, effects);
  set_timer(index, TimerKind::syn_retransmission, now + syn_timeout(record.retries, settings(), rules()), effects);
}

void Host::State::synack_timer(SocketIndex index, SimTime now, Effects& effects) {
  SocketRecord& request = sockets[index];
  const SocketIndex listener = listener_of(request);
  if (listener == no_socket) {
    mark(Rule::syn_queue_listener_gone);
    return drop_request(index);
  }
  SocketExtras& own = extras[sockets[listener].extras];
  const std::uint32_t allowed =
      synack_retransmissions(settings().synack_retries, own.half_open, own.young, own.backlog);
  if (request.retries >= allowed) {
    mark(Rule::syn_queue_given_up);
    return drop_request(index);
  }
  mark(Rule::syn_queue_answer_repeated);
  send_synack(request, SynAckKind::sure, effects);
  if (request.retries++ == 0) --own.young;
  set_timer(index, TimerKind::synack_retransmission, now + synack_timeout(request.retries), effects);
}

}  // namespace netlimits
