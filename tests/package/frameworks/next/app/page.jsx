import { load } from 'mobilenet-web';
import { Classifier } from './classifier.jsx';
import { Handlers } from './handlers.jsx';
import { Classifier as Recipe } from './recipe.jsx';

export default async function Page() {
  // A component of the server gets the entry for Node.
  const classifier = await load();
  const { predictions } = await classifier.classify('../../package-app/sofa.jpg');
  if (predictions[0].label !== 'sofa') throw new Error('the server sees no sofa');
  return (
    <>
      <Classifier />
      <Recipe />
      <Handlers />
    </>
  );
}
