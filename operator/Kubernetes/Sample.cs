namespace MailOperator.Kubernetes;

/// <summary>One value of a metric, and the values of its labels in the order of their names.</summary>
internal readonly record struct Sample(double Value, params string[] Labels);
