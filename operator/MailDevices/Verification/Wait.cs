namespace MailOperator.MailDevices.Verification;

/// <summary>Completes after a time. A simulation lets its clock jump instead.</summary>
internal delegate Task Wait(TimeSpan time, CancellationToken cancellationToken);
