/** The words of random run names: friendly, short, easy to pronounce. */

export const ADJECTIVES: readonly string[] = `
agile amber ample apt arctic bold brave breezy bright brisk bronze calm candid careful cheerful chilled civil clear clever cosy
crimson crisp curious daring dapper deft dreamy eager early earnest elegant epic fair fancy fearless fleet fluent fond frank free
fresh gallant gentle gifted glad golden graceful grand handy happy hardy helpful honest humble ideal indigo jade jolly jovial
joyful keen kind lively loyal lucid lucky mellow merry mighty mindful modest neat nimble noble olive patient placid playful
plucky polite proud quick quiet radiant ready robust rosy rustic sage sandy scarlet serene sharp silent silver sincere smart snug
sober solid spry stable steady sturdy sunny swift tidy tranquil trusty upbeat valiant velvet vivid warm wise witty zesty
`
  .trim()
  .split(/\s+/);

export const ANIMALS: readonly string[] = `
alpaca ant antelope armadillo badger barbel bat bear beaver bee bison boar bobcat buffalo bullfinch butterfly camel canary
capybara caribou carp cat cheetah chinchilla cicada cobra condor coral cormorant cougar coyote crab crane cricket crow curlew deer
dingo dolphin donkey dove dragonfly duck eagle eel egret elk emu falcon ferret finch firefly flamingo fox frog gannet gazelle
gecko gibbon giraffe goat goose gull hamster hare hawk hedgehog heron hippo hornet horse hound hyena ibex ibis iguana impala
jackal jaguar jay kestrel kingfisher kiwi koala lark lemur leopard lion lizard llama lobster lynx macaw magpie manatee marmot
marten mole mongoose moose moth mouse mule newt ocelot octopus okapi orca oriole otter owl oyster panda parrot pelican penguin
pheasant pigeon plover pony puffin puma quail rabbit raccoon raven robin salmon seal shrew skylark sloth snail sparrow squid
stork swan swift tapir tern tiger toad trout turtle viper vole walrus weasel whale wolf wombat wren yak zebra
`
  .trim()
  .split(/\s+/);
