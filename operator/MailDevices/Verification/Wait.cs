namespace MailOperator.MailDevices.Verification;

/// <summary>Completes after a time. A simulation advances its clock instead.</summary>
internal delegate Task Wait(TimeSpan time, CancellationToken cancellationToken);
