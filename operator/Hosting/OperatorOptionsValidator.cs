using Microsoft.Extensions.Options;

namespace MailOperator.Hosting;

/// <summary>Checks the attributes of <see cref="OperatorOptions"/>. The compiler generates it.</summary>
[OptionsValidator]
internal sealed partial class OperatorOptionsValidator : IValidateOptions<OperatorOptions>;
